/** Who is signed in, and what that role may do. */
import { get, send } from './api.js';

/**
 * @typedef {object} Session
 * @property {'admin' | 'reader' | null} role null: nobody yet
 * @property {'loopback' | 'session' | 'key' | null} by
 * @property {boolean} needs_key
 * @property {boolean} can_write
 * @property {string[]} hides
 * @property {string} version
 */

/** @returns {Promise<Session>} */
export const readSession = () => get('session');

/**
 * @param {string} key
 * @returns {Promise<Session>}
 */
export const signIn = (key) => send('POST', 'session', { key });

/** @returns {Promise<Session>} */
export const signOut = () => send('DELETE', 'session');

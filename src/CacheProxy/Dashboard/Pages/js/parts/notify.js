/** Short messages: seen at the edge of the page, read out by screen readers, gone by themselves. */
import { h, one } from '../dom.js';

const SECONDS = 8;

/**
 * @param {string} message
 * @param {'done' | 'failed'} [kind]
 */
export function notify(message, kind = 'done') {
  const toast = h(`p.toast.${kind}`, {}, kind === 'failed' ? '▲ ' : '✓ ', message);
  one('#messages').append(toast);
  window.setTimeout(() => toast.remove(), SECONDS * 1000);
}

/**
 * Read out only: what sighted people see happen anyway.
 * @param {string} message
 */
export function announce(message) {
  one('#announcer').textContent = message;
}

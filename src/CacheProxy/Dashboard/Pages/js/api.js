/** The proxy's JSON under /dashboard/api. */

const ROOT = '/dashboard/api/';

/** What a page shows when a call fails: what was asked, and what the proxy said. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {number} status 0: no answer came
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** @type {() => void} */
let signedOut = () => {};

/** @param {() => void} listener called when an answer says that nobody is signed in */
export function onSignedOut(listener) {
  signedOut = listener;
}

/**
 * @param {string} path below /dashboard/api
 * @param {Record<string, string | number | boolean | null | undefined>} [query] null and undefined are left out
 * @returns {string}
 */
export function apiAddress(path, query = {}) {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') {
      parts.set(name, String(value));
    }
  }

  const text = parts.toString();
  return ROOT + path + (text ? `?${text}` : '');
}

/**
 * @param {string} path
 * @param {Record<string, string | number | boolean | null | undefined>} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export const get = (path, query, signal) => call('GET', apiAddress(path, query), undefined, signal);

/**
 * @param {'POST' | 'PUT' | 'PATCH' | 'DELETE'} method
 * @param {string} path
 * @param {unknown} [body]
 * @returns {Promise<any>}
 */
export const send = (method, path, body) => call(method, ROOT + path, body);

/**
 * @param {string} method
 * @param {string} address
 * @param {unknown} body
 * @param {AbortSignal} [signal]
 */
async function call(method, address, body, signal) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(address, {
      method,
      signal,
      credentials: 'same-origin',
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) {
      throw error;
    }

    throw new ApiError('The proxy did not answer. Is it running?', 0);
  }

  const content = await read(response);
  if (!response.ok) {
    if (response.status === 401) {
      signedOut();
    }

    throw new ApiError(content?.error?.message ?? `${method} ${address.split('?')[0]} answered ${response.status}.`, response.status);
  }

  return content;
}

/** @param {Response} response */
async function read(response) {
  const text = await response.text();
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/**
 * The page's state is its address: `/dashboard/prompts?range=7d&model=m`. Reload, back and a shared link show the same.
 */

const ROOT = '/dashboard/';

/** @type {Set<() => void>} */
const listeners = new Set();

/** @returns {string} the page's name; empty at the root */
export const pageName = () => decodeURIComponent(window.location.pathname.slice(ROOT.length).split('/')[0]);

/** @returns {URLSearchParams} */
export const query = () => new URLSearchParams(window.location.search);

/**
 * The address of a page with the time range and the filters of the present one.
 * @param {string} page
 * @param {Record<string, string | null>} [changes] null removes
 */
export function addressOf(page, changes = {}) {
  const kept = new URLSearchParams();
  const now = query();
  for (const name of SHARED) {
    const value = now.get(name);
    if (value !== null) {
      kept.set(name, value);
    }
  }

  return ROOT + page + searchText(kept, changes);
}

/** What all pages share; anything else in a query belongs to one page. */
export const SHARED = ['range', 'from', 'to', 'tenant', 'model', 'upstream', 'refresh'];

/**
 * Changes the query of the present page.
 * @param {Record<string, string | null>} changes null removes
 * @param {boolean} [replace] no step for the back button: while somebody types
 */
export function setQuery(changes, replace = false) {
  go(window.location.pathname + searchText(query(), changes), replace);
}

/**
 * @param {string} address
 * @param {boolean} [replace]
 */
export function go(address, replace = false) {
  if (address !== window.location.pathname + window.location.search) {
    window.history[replace ? 'replaceState' : 'pushState'](null, '', address);
  }

  listeners.forEach((listener) => listener());
}

/** @param {() => void} listener called after every change of the address */
export function onAddress(listener) {
  listeners.add(listener);
}

/** Links inside the dashboard change the address without a load; with a modifier key the browser does what it always does. */
export function followLinks() {
  window.addEventListener('popstate', () => listeners.forEach((listener) => listener()));
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (link && plain && link.origin === window.location.origin && link.pathname.startsWith(ROOT) && !link.hash && !link.download && !link.target) {
      event.preventDefault();
      go(link.pathname + link.search);
    }
  });
}

/**
 * @param {URLSearchParams} base
 * @param {Record<string, string | null>} changes
 */
function searchText(base, changes) {
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') {
      base.delete(name);
    } else {
      base.set(name, value);
    }
  }

  const text = base.toString();
  return text ? `?${text}` : '';
}

/** What stands where figures will be, would be, or could not be. */
import { h, fill } from '../dom.js';

/** @param {string} what */
export const loading = (what) => h('p.state.loading', { role: 'status' }, `Loading ${what} …`);

/**
 * @param {string} title
 * @param {...import('../dom.js').Child} advice what to do about it
 */
export const empty = (title, ...advice) => h('div.state.empty', {}, h('p.state-title', {}, title), h('p', {}, ...advice));

/**
 * @param {string} what was asked for
 * @param {unknown} error
 * @param {() => void} retry
 */
export function failure(what, error, retry) {
  const reason = error instanceof Error ? error.message : String(error);
  return h('div.state.failure', { role: 'alert' },
    h('p.state-title', {}, `Could not load ${what}.`),
    h('p', {}, reason),
    h('button.button', { type: 'button', onclick: retry }, 'Try again'));
}

/**
 * Fills a place with what a promise brings; a failure says so there and can be tried again, and the rest of the page stands.
 * Content that is there already stays until the new one has come, and the control that had the focus has it again.
 * @template T
 * @param {HTMLElement} place
 * @param {string} what
 * @param {() => Promise<T>} load
 * @param {(value: T) => import('../dom.js').Child | import('../dom.js').Child[]} draw
 * @returns {Promise<void>}
 */
export async function show(place, what, load, draw) {
  if (!place.hasChildNodes()) {
    fill(place, loading(what));
  }

  place.setAttribute('aria-busy', 'true');
  try {
    const value = await load();
    const focused = document.activeElement instanceof HTMLElement && place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    fill(place, draw(value));
    const again = focused && place.querySelector(`[data-key="${CSS.escape(focused)}"]`);
    if (again instanceof HTMLElement) {
      again.focus();
    }
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'AbortError')) {
      fill(place, failure(what, error, () => show(place, what, load, draw)));
    }
  } finally {
    place.removeAttribute('aria-busy');
  }
}

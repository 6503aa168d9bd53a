/** Light, dark, or as the system is: kept in the browser, set before the first paint because this module is among the first. */

const KEY = 'cacheproxy-theme';
const ORDER = /** @type {const} */ (['system', 'light', 'dark']);

/** @typedef {typeof ORDER[number]} Theme */

/** @type {Set<() => void>} */
const listeners = new Set();
const dark = window.matchMedia('(prefers-color-scheme: dark)');

/** @returns {Theme} */
export function theme() {
  const kept = window.localStorage.getItem(KEY);
  return ORDER.find((name) => name === kept) ?? 'system';
}

export const isDark = () => (theme() === 'system' ? dark.matches : theme() === 'dark');

/** System, light, dark and round again. */
export function nextTheme() {
  window.localStorage.setItem(KEY, ORDER[(ORDER.indexOf(theme()) + 1) % ORDER.length]);
  apply();
}

/** @param {() => void} listener called after a change, for what is drawn and not styled */
export function onTheme(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @param {boolean} [light] whatever was chosen */
function apply(light = false) {
  document.documentElement.dataset.theme = isDark() && !light ? 'dark' : 'light';
  listeners.forEach((listener) => listener());
}

dark.addEventListener('change', () => apply());
window.addEventListener('beforeprint', () => apply(true));
window.addEventListener('afterprint', () => apply());
apply();

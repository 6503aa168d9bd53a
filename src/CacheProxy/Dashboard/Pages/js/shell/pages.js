/** The pages, in the order of the navigation. Each module is fetched when it is first opened. */
import { fill, h } from '../dom.js';

/**
 * @typedef {object} PageContext
 * @property {import('../session.js').Session} session
 * @property {AbortSignal} leave aborted when another page is opened
 */

/**
 * @typedef {object} PageModule
 * @property {(place: HTMLElement, context: PageContext) => () => void} draw lays the page out once; what it gives back loads its figures,
 * after every change of the address and every refresh
 */

/**
 * @typedef {object} Page
 * @property {string} name in the address
 * @property {string} title
 * @property {string} about
 * @property {boolean} range has a time range
 * @property {boolean} filters
 * @property {boolean} refresh can be loaded again by itself
 * @property {string} key opens it, after `g`
 * @property {() => Promise<PageModule>} module
 * @property {(main: HTMLElement) => [HTMLElement, HTMLElement]} frame
 */

/**
 * @param {string} name
 * @param {string} title
 * @param {string} about
 * @param {string} key
 * @param {boolean} range
 * @param {boolean} filters
 * @param {() => Promise<PageModule>} module
 * @returns {Page}
 */
function page(name, title, about, key, range, filters, module) {
  const refresh = range || name === 'health';
  const frame = (/** @type {HTMLElement} */ main) => {
    const toolbar = h('div.toolbar', { role: 'group', 'aria-label': 'Time range and filters' });
    const body = h('div');
    fill(main, h('div.page-head', {}, h('h1', {}, title), h('p.muted', {}, about)), toolbar, body);
    return /** @type {[HTMLElement, HTMLElement]} */ ([toolbar, body]);
  };
  return { name, title, about, key, range, filters, refresh, module, frame };
}

/** @type {Page[]} */
export const PAGES = [
  page('overview', 'Overview', 'What the cache saved, after what it cost.', 'o', true, true, () => import('../pages/overview.js')),
  page('prompts', 'Prompts', 'What is asked most, and what nearly was a hit.', 'p', true, true, () => import('../pages/prompts.js')),
  page('prefixes', 'Prefixes', 'Prompt tokens that providers and backends did not compute again.', 'x', true, true, () => import('../pages/prefixes.js')),
  page('tenants', 'Tenants & models', 'Who spends and who saves, and the budgets.', 't', true, true, () => import('../pages/tenants.js')),
  page('live', 'Live', 'Requests as they are answered.', 'l', false, true, () => import('../pages/live.js')),
  page('cache', 'Cache', 'Stored answers: find, read, tag, delete.', 'c', false, false, () => import('../pages/cache.js')),
  page('thresholds', 'Thresholds', 'What every similarity threshold would serve, and how much of it is wrong.', 'e', false, false, () => import('../pages/thresholds.js')),
  page('health', 'Health', 'What the proxy depends on.', 'h', false, false, () => import('../pages/health.js')),
];

/** @param {string} name */
export const pageOf = (name) => PAGES.find((page) => page.name === name);

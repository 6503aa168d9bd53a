/**
 * Tables of figures: sorted by their headings (kept in the address), walked with the arrow keys, scrolled inside themselves on narrow
 * screens.
 */
import { h } from '../dom.js';
import { query, setQuery } from '../location.js';

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} key
 * @property {string} title
 * @property {(row: Row) => import('../dom.js').Child | import('../dom.js').Child[]} cell
 * @property {(row: Row) => number | string | null | undefined} [order] what is sorted by; without it the column cannot be sorted
 * @property {boolean} [figure] right-aligned digits
 * @property {boolean} [text] wraps
 * @property {string} [hint] the heading's tooltip
 */

/**
 * @template Row
 * @param {string} caption names the table, also in the address
 * @param {Column<Row>[]} columns
 * @param {Row[]} rows
 * @param {{name?: string, open?: (row: Row) => void, opens?: (row: Row) => boolean, openHint?: string, visible?: boolean}} [options] name: of the parameter that keeps the order
 * @returns {HTMLElement}
 */
export function table(caption, columns, rows, options = {}) {
  const [key, direction] = (options.name ? query().get(options.name) : null)?.split('.') ?? [];
  const sorted = columns.find((column) => column.key === key && column.order);
  const head = columns.map((column) => heading(column, column === sorted ? direction : null, options.name));
  const body = inOrder(rows, sorted, direction).map((row) => h('tr', { tabindex: -1 }, columns.map((column, index) => {
    const content = index === 0 && options.open && (options.opens?.(row) ?? true)
      ? h('button.link', { type: 'button', onclick: () => options.open?.(row), title: options.openHint ?? null }, column.cell(row))
      : column.cell(row);
    return index === 0 ? h('th', { scope: 'row' }, content) : h(column.figure ? 'td.figure' : column.text ? 'td.text' : 'td', {}, content);
  })));
  const element = h('table', {}, h(options.visible === false ? 'caption.hidden' : 'caption', {}, caption), h('thead', {}, h('tr', {}, head)), h('tbody', {}, body));
  element.addEventListener('keydown', walk);
  return h('div.scroll', { tabindex: 0, role: 'region', 'aria-label': caption }, element);
}

/**
 * @template Row
 * @param {Column<Row>} column
 * @param {string | null | undefined} direction
 * @param {string | undefined} name
 */
function heading(column, direction, name) {
  const sort = direction === 'asc' ? 'ascending' : direction ? 'descending' : null;
  const attributes = { scope: 'col', 'aria-sort': sort, title: column.hint ?? null };
  if (!column.order || !name) {
    return h(column.figure ? 'th.figure' : 'th', attributes, column.title);
  }

  const next = direction === 'desc' ? 'asc' : 'desc';
  const mark = direction ? (direction === 'asc' ? ' ▲' : ' ▼') : '';
  return h(column.figure ? 'th.figure' : 'th', attributes,
    h('button.sort', { type: 'button', onclick: () => setQuery({ [name]: `${column.key}.${next}` }), 'data-key': `${name}-${column.key}` }, column.title, h('span', { 'aria-hidden': 'true' }, mark)));
}

/**
 * What is unknown comes last, whichever way the rest is sorted.
 * @template Row
 * @param {Row[]} rows
 * @param {Column<Row> | undefined} column
 * @param {string | undefined} direction
 */
function inOrder(rows, column, direction) {
  const order = column?.order;
  if (!order) {
    return rows;
  }

  const sign = direction === 'asc' ? 1 : -1;
  return [...rows].sort((a, b) => {
    const [x, y] = [order(a) ?? null, order(b) ?? null];
    if (x === null || y === null) {
      return (x === null ? 1 : 0) - (y === null ? 1 : 0);
    }

    return sign * (typeof x === 'string' ? x.localeCompare(String(y)) : x - Number(y));
  });
}

/** @param {KeyboardEvent} event */
function walk(event) {
  const row = event.target instanceof Element ? event.target.closest('tbody tr') : null;
  const to = { ArrowDown: row?.nextElementSibling, ArrowUp: row?.previousElementSibling, Home: row?.parentElement?.firstElementChild, End: row?.parentElement?.lastElementChild }[event.key];
  if (to instanceof HTMLElement) {
    event.preventDefault();
    const control = to.querySelector('button, a');
    (control instanceof HTMLElement ? control : to).focus();
  }
}

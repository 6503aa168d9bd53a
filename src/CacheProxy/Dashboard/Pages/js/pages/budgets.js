/** Budgets as bars: what is used, where the soft and the hard limit are, when the window ends. */
import { h } from '../dom.js';
import { NANODOLLARS, count, money, percent, ratio } from '../format.js';
import { bar, noticeOf, status } from '../parts/cards.js';
import { empty } from '../parts/states.js';
import { table } from '../parts/table.js';
import { ago, moment } from '../time.js';

const STATES = /** @type {Record<string, ['good' | 'warn' | 'bad', string, '' | 'near' | 'over']>} */ ({
  ok: ['good', 'within', ''],
  soft: ['warn', 'it warns', 'near'],
  hard: ['bad', 'used up: only hits', 'over'],
});

/** @param {any} answer */
export function budgets(answer) {
  if (!answer.budgets.length) {
    return [h('h2', {}, 'Budgets'), noticeOf(answer.notice), empty('No budgets are set.', 'Set them per tenant, user or model in the section ', h('code', {}, 'Budgets'), ' of the settings.')];
  }

  return [noticeOf(answer.notice), table('Budgets', [
    { key: 'name', title: 'Budget', cell: (row) => row.name, order: (row) => row.name },
    { key: 'scope', title: 'Of', text: true, cell: (row) => [row.tenant, row.user, row.model].filter(Boolean).join(', ') || 'everybody' },
    { key: 'window', title: 'Window', cell: (row) => [row.window, row.is_shared ? '' : h('span.muted', {}, ' of this proxy')] },
    { key: 'state', title: 'State', cell: (row) => status(...stateOf(row)), order: (row) => row.state },
    { key: 'used', title: 'Used', cell: used, order: (row) => share(row) },
    { key: 'refused', title: 'Refused', figure: true, cell: (row) => count(row.refused), order: (row) => row.refused },
    { key: 'unpriced', title: 'Price unknown', figure: true, cell: (row) => count(row.unpriced), order: (row) => row.unpriced, hint: 'Calls that are in no sum of money' },
    { key: 'resets', title: 'Begins anew', cell: (row) => h('time', { datetime: row.resets_at, title: moment(row.resets_at) }, ago(row.resets_at)), order: (row) => row.resets_at },
  ], answer.budgets, { name: 'sort-budgets' })];
}

/**
 * @param {any} row
 * @returns {['good' | 'warn' | 'bad', string]}
 */
function stateOf(row) {
  const [kind, text] = STATES[row.state] ?? ['warn', row.state];
  return [kind, text];
}

/** @param {any} row */
const used = (row) => h('span', {}, bar(share(row) ?? 0, (STATES[row.state] ?? STATES.ok)[2], `${percent(share(row))} used`),
  `${amount(row, row.used)} of ${amount(row, limit(row))}`, row.unit === 'usd' ? '' : ` ${row.unit}`, row.hard !== null && h('span.muted', {}, `, warns from ${amount(row, row.soft)}`));

/** @param {any} row */
const limit = (row) => row.hard ?? row.soft;

/** @param {any} row */
const share = (row) => ratio(row.used, limit(row));

/**
 * @param {any} row
 * @param {number | null} value
 */
const amount = (row, value) => (row.unit === 'usd' ? money(value === null ? null : value * NANODOLLARS) : count(value));

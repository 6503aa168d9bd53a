/** Budgets as bars: what is used, where the soft and the hard limit are, when the window ends. */
import { h } from '../dom.js';
import { NANODOLLARS, count, money, percent, ratio } from '../format.js';
import { bar, noticeOf, status } from '../parts/cards.js';
import { empty } from '../parts/states.js';
import { table } from '../parts/table.js';
import { ago, moment } from '../time.js';

const STATES = /** @type {Record<string, ['good' | 'warn' | 'bad', string, '' | 'near' | 'over']>} */ ({
  ok: ['good', 'within', ''],
  near: ['warn', 'near its limit', 'near'],
  soft: ['warn', 'over its soft limit', 'near'],
  hard: ['bad', 'used up: only hits are served', 'over'],
});

/** @param {any} answer */
export function budgets(answer) {
  if (!answer.budgets.length) {
    return [h('h2', {}, 'Budgets'), noticeOf(answer.notice), empty('No budgets are set.', 'Set them per tenant, user or model in the section ', h('code', {}, 'Budgets'), ' of the settings.')];
  }

  return [noticeOf(answer.notice), table('Budgets', [
    { key: 'name', title: 'Budget', cell: (row) => row.name, order: (row) => row.name },
    { key: 'scope', title: 'Of', text: true, cell: (row) => [row.tenant, row.user, row.model].filter(Boolean).join(', ') || 'everybody' },
    { key: 'window', title: 'Window', cell: (row) => row.window },
    { key: 'state', title: 'State', cell: (row) => status(...stateOf(row)), order: (row) => row.state },
    { key: 'used', title: 'Used', cell: used, order: (row) => share(row) },
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
  `${amount(row, row.used)} of ${amount(row, row.hard ?? row.soft)}`, row.unit === 'usd' ? '' : ` ${row.unit}`);

/** @param {any} row */
const share = (row) => ratio(row.used, row.hard ?? row.soft);

/**
 * @param {any} row
 * @param {number | null} value
 */
const amount = (row, value) => (row.unit === 'usd' ? money(value === null ? null : value * NANODOLLARS) : count(value));

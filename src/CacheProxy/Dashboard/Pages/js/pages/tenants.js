/** Figures by tenant, model and upstream, and the budgets. */
import { get } from '../api.js';
import { h } from '../dom.js';
import { count, percent } from '../format.js';
import { setQuery } from '../location.js';
import { durationOf, noticeOf, sumOf } from '../parts/cards.js';
import { empty, show } from '../parts/states.js';
import { table } from '../parts/table.js';
import { FILTERS, figuresQuery } from '../range.js';
import { budgets } from './budgets.js';

const GROUPS = [['tenant', 'Tenants', 'Tenant'], ['model', 'Models', 'Model'], ['upstream', 'Upstreams', 'Upstream'], ['user', 'Users', 'User']];

const NONE = /** @type {Record<string, string>} */ ({ upstream: 'none: answered here, or refused', model: 'none: the request could not be read' });

/** @type {import('../shell/pages.js').PageModule['draw']} */
export function draw(place, { leave }) {
  const cards = GROUPS.map(() => h('section.card'));
  const limits = h('section.card');
  place.append(h('div.stack', {}, cards[0], cards[1], limits, cards[2], cards[3]));
  return () => {
    GROUPS.forEach(([by, title, column], index) =>
      show(cards[index], title.toLowerCase(), () => get('groups', { ...figuresQuery(), by, order: 'requests', limit: 100 }, leave), (answer) => groups(answer, by, title, column)));
    show(limits, 'the budgets', () => get('budgets', {}, leave), budgets);
  };
}

/**
 * @param {any} answer
 * @param {string} by
 * @param {string} title
 * @param {string} column
 */
function groups(answer, by, title, column) {
  if (!answer.groups.length) {
    return [h('h2', {}, title), noticeOf(answer.notice), empty('No requests in this range.', 'Choose a longer range or other filters.')];
  }

  const filter = FILTERS.includes(by);
  return [noticeOf(answer.notice), table(title, [
    { key: 'key', title: column, cell: (row) => row.key || h('span.muted', {}, NONE[by] ?? '(none)'), order: (row) => row.key },
    { key: 'requests', title: 'Requests', figure: true, cell: (row) => count(row.figures.requests), order: (row) => row.figures.requests },
    { key: 'rate', title: 'Hit rate', figure: true, cell: (row) => percent(row.figures.hit_rate), order: (row) => row.figures.hit_rate },
    { key: 'semantic', title: 'Semantic', figure: true, cell: (row) => count(row.figures.semantic), order: (row) => row.figures.semantic, hint: 'Hits on questions in other words' },
    { key: 'paid', title: 'Spent', figure: true, cell: (row) => sumOf(row.figures, 'paid'), order: (row) => row.figures.paid_nanodollars },
    { key: 'saved', title: 'Saved', figure: true, cell: (row) => sumOf(row.figures, 'saved'), order: (row) => row.figures.saved_nanodollars },
    { key: 'net', title: 'Net', figure: true, cell: (row) => sumOf(row.figures, 'net'), order: (row) => row.figures.net_nanodollars, hint: 'Saved less overhead' },
    { key: 'unknown', title: 'Price unknown', figure: true, cell: (row) => count(row.figures.unknown_price_requests), order: (row) => row.figures.unknown_price_requests, hint: 'Requests that are in no sum of money' },
    { key: 'tokens', title: 'Tokens', figure: true, cell: (row) => count(row.figures.tokens.prompt + row.figures.tokens.completion), order: (row) => row.figures.tokens.prompt + row.figures.tokens.completion },
    { key: 'seconds', title: 'Time saved', figure: true, cell: (row) => durationOf(row.figures.seconds_saved), order: (row) => row.figures.seconds_saved },
  ], answer.groups, { name: `sort-${by}`, open: filter ? (row) => setQuery({ [by]: row.key }) : undefined, opens: (row) => Boolean(row.key), openHint: 'Show this one alone' })];
}

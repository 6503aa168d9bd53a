/** The tiles of the overview, and the tables under its charts. */
import { h } from '../dom.js';
import { compact, count, duration, money, percent, ratio } from '../format.js';
import { durationOf, figureOf, moneyOf, leastOf, noticeOf, priced, sumOf, tile } from '../parts/cards.js';
import { empty } from '../parts/states.js';
import { table } from '../parts/table.js';
import { rangeText } from '../range.js';

/** @param {any} answer of /summary */
export function tiles(answer) {
  const { totals } = answer;
  const range = h('p.range', {}, rangeText(answer.range));
  if (totals.requests === 0) {
    return [noticeOf(answer.notice), range, empty('No requests in this range.',
      'Point a client at this proxy, ', h('code', {}, `${window.location.origin}/v1`), ', or choose a longer range. Filters that fit nothing show nothing, too.')];
  }

  return [range, noticeOf(answer.notice), unknownPrices(totals), partPrices(totals), h('div.tiles', {}, spending(answer), hits(totals), time(answer), errors(answer))];
}

/** @param {any} answer of /summary */
export const tables = (answer) => answer.totals.requests > 0 && h('div.grid', {}, latency(answer.latency), tokens(answer.totals), work(answer));

/** @param {any} answer */
function spending({ totals }) {
  const wouldBe = totals.paid_nanodollars + totals.saved_nanodollars;
  const share = ratio(totals.net_nanodollars, wouldBe);
  return [
    tile('Saved, net of overhead', sumOf(totals, 'net'),
      share === null ? 'nothing was priced' : `${percent(share)} of the ${money(wouldBe)} it would have cost; ${money(priced(totals, totals.saved_nanodollars))} before overhead`),
    tile('Spent', sumOf(totals, 'paid'), `${money(totals.background_paid_nanodollars)} of it for the cache’s own calls; its models in the process took ${money(totals.overhead_nanodollars)} besides`),
  ];
}

/** @param {any} totals */
const hits = (totals) => tile('Hit rate', figureOf(totals.hit_rate, percent(totals.hit_rate)),
  `${count(totals.hits)} of ${count(totals.hits + totals.collapsed + totals.miss)} looked up, ${count(totals.collapsed)} more joined one under way; ${count(totals.requests)} requests in all`);

/** @param {any} answer */
const time = ({ totals, latency }) => tile('Time saved', durationOf(totals.seconds_saved),
  `a hit takes ${duration(latency.hit_total.p50)}, a miss ${duration(latency.miss_total.p50)} (medians)`);

/**
 * Audits are of all times and tenants that are remembered; what hits saved is of the range.
 * @param {any} answer
 */
function errors({ semantic }) {
  const shown = semantic.wrong_of_served === null ? 'unmeasured' : percent(semantic.wrong_of_served);
  const note = semantic.wrong_of_served === null
    ? `no hit was audited (Semantic:AuditShare); ${count(semantic.hits)} here saved ${money(semantic.saved_nanodollars)}, right and wrong ones`
    : `95 % interval ${percent(semantic.wrong_of_served_low)} to ${percent(semantic.wrong_of_served_high)}: ${count(semantic.wrong)} of ${count(semantic.audited)} audited so far; ${count(semantic.hits)} hits here saved ${money(semantic.saved_nanodollars)}, right ones at least ${money(semantic.saved_at_least_nanodollars)}`;
  return tile('Wrong semantic hits', shown, note);
}

/** @param {any} totals */
const unknownPrices = (totals) => totals.unknown_price_requests > 0 && noticeOf(
  `The price of ${count(totals.unknown_price_requests)} of ${count(totals.requests)} requests is unknown (${percent(totals.unknown_price_share)}). They are in no sum of money: set prices under Ledger:Prices.`);

/** @param {any} totals */
const partPrices = (totals) => totals.part_price_requests > 0 && noticeOf(
  `${count(totals.part_price_requests)} requests cost more than is known: searches, audio or images beside their tokens have no known price. Sums with ≥ are the least that it is.`);

/** @param {any} latency */
function latency(latency) {
  const rows = [['Hits, first byte', latency.hit_first_byte], ['Hits, whole', latency.hit_total], ['Misses, first byte', latency.miss_first_byte], ['Misses, whole', latency.miss_total]];
  const columns = [
    { key: 'what', title: 'Of', cell: (/** @type {any} */ [name]) => name },
    ...['p50', 'p90', 'p95', 'p99'].map((name) => ({ key: name, title: name, figure: true, cell: (/** @type {any} */ [, values]) => durationOf(values[name]) })),
    { key: 'count', title: 'Requests', figure: true, cell: (/** @type {any} */ [, values]) => count(values.count) },
  ];
  return h('section.card', {}, table('Latency', columns, rows));
}

/** @param {any} totals */
function tokens({ tokens: sums, saved_tokens: saved }) {
  const rows = [['Prompt', sums.prompt], ['\u2003read from a provider’s cache', sums.cached_read], ['\u2003written to a provider’s cache', sums.cache_write + sums.cache_write_hour],
    ['Completion', sums.completion], ['\u2003of it reasoning', sums.reasoning], ['Saved: prompt', saved.prompt], ['Saved: completion', saved.completion]];
  const columns = [
    { key: 'what', title: 'Class', cell: (/** @type {any} */ [name]) => name },
    { key: 'count', title: 'Count', figure: true, cell: (/** @type {any} */ [, value]) => figureOf(value, count(value), `${compact(value)} tokens`) },
  ];
  return h('section.card', {}, table('Tokens', columns, rows));
}

/** @param {any} answer */
function work({ work: causes, totals }) {
  if (!causes.length) {
    return false;
  }

  const columns = [
    { key: 'work', title: 'Cause', cell: (/** @type {any} */ row) => row.work },
    { key: 'calls', title: 'Calls', figure: true, cell: (/** @type {any} */ row) => count(row.calls) },
    { key: 'paid', title: 'Paid', figure: true, cell: (/** @type {any} */ row) => (row.part_price_calls > 0 ? leastOf(row.paid_nanodollars, `${count(row.part_price_calls)} calls cost more than is known`) : moneyOf(row.paid_nanodollars)) },
    { key: 'unknown', title: 'Price unknown', figure: true, cell: (/** @type {any} */ row) => count(row.unknown_price_calls) },
  ];
  return h('section.card.wide', {}, table('Calls that no client made', columns, causes),
    h('p.muted', {}, `In all ${money(totals.background_paid_nanodollars)}, in what was spent. Embedder and verifier in this process took machine time worth ${money(totals.overhead_nanodollars)}.`));
}

/** The charts of the overview. */
import { h } from '../dom.js';
import { NANODOLLARS, count, duration, money, percent, ratio, roughDuration, roughMoney } from '../format.js';
import { noticeOf } from '../parts/cards.js';
import { chart } from '../parts/figure.js';

const sum = (/** @type {(number | null)[]} */ values) => values.reduce((/** @type {number} */ all, value) => all + (value ?? 0), 0);
const dollars = (/** @type {number | null} */ value) => money(value === null ? null : value * NANODOLLARS);

/** @param {any} answer of /series */
export function charts(answer) {
  const columns = answer.series[0];
  if (!columns || sum(columns.requests) === 0) {
    return noticeOf(answer.notice);
  }

  const per = `per ${duration(answer.range.step_seconds)}`;
  return h('div.grid', {}, moneyChart(answer.times, columns, per), outcomeChart(answer.times, columns, per), latencyChart(answer.times, columns), timeChart(answer.times, columns, per));
}

/**
 * @param {number[]} x
 * @param {any} columns
 * @param {string} per
 */
function moneyChart(x, columns, per) {
  // What the cache's models took, and the calls that it made by itself.
  const overhead = x.map((_, at) => columns.overhead_usd[at] + columns.background_paid_usd[at]);
  const net = x.map((_, at) => columns.saved_usd[at] - overhead[at]);
  return chart({
    title: 'Saved against spent',
    unit: `USD ${per}`,
    summary: `Spent ${dollars(sum(columns.paid_usd))}, saved ${dollars(sum(columns.saved_usd))}, overhead ${dollars(sum(overhead))}: net ${dollars(sum(net))}. Requests of unknown price are left out.`,
    plot: {
      x,
      yText: roughMoney,
      lines: [
        { name: 'saved', label: 'Saved', values: columns.saved_usd, area: true },
        { name: 'net', label: 'Net of overhead', values: net },
        { name: 'spent', label: 'Spent', values: columns.paid_usd },
        { name: 'overhead', label: 'Overhead', values: overhead },
      ],
    },
    valueText: dollars,
    idle: (values) => dollars(sum(values)),
  });
}

/**
 * @param {number[]} x
 * @param {any} columns
 * @param {string} per
 */
function outcomeChart(x, columns, per) {
  const tiers = /** @type {const} */ (['exact', 'semantic', 'collapsed', 'stale', 'miss', 'bypass']);
  const looked = sum(tiers.slice(0, 5).map((tier) => sum(columns[tier])));
  const share = (/** @type {string} */ tier) => `${tier} ${percent(ratio(sum(columns[tier]), looked))}`;
  return chart({
    title: 'Requests by tier',
    unit: per,
    summary: `Of ${count(looked)} requests that were looked up: ${tiers.slice(0, 5).map(share).join(', ')}. ${count(sum(columns.bypass))} went past the cache.`,
    plot: { x, stacked: true, yText: count, lines: tiers.map((tier) => ({ name: tier, label: tier, values: columns[tier] })) },
    idle: (values) => count(sum(values)),
  });
}

/**
 * @param {number[]} x
 * @param {any} columns
 */
function latencyChart(x, columns) {
  const last = (/** @type {(number | null)[]} */ values) => duration(values.findLast((value) => value !== null) ?? null);
  return chart({
    title: 'Latency of hits and misses',
    unit: 'to the last byte, logarithmic',
    summary: `Latest medians: hits ${last(columns.hit_total.p50)}, misses ${last(columns.miss_total.p50)}; 99th percentiles: ${last(columns.hit_total.p99)} and ${last(columns.miss_total.p99)}.`,
    plot: {
      x,
      logarithmic: true,
      // Powers of ten alone are shown: 100 s, not 1.67 min.
      yText: (value) => (value >= 1 ? `${count(value)} s` : roughDuration(value)),
      lines: [
        { name: 'hit', label: 'Hits p50', values: columns.hit_total.p50 },
        { name: 'hitTail', label: 'Hits p99', values: columns.hit_total.p99 },
        { name: 'miss-line', label: 'Misses p50', values: columns.miss_total.p50 },
        { name: 'missTail', label: 'Misses p99', values: columns.miss_total.p99 },
      ],
    },
    valueText: duration,
    idle: last,
  });
}

/**
 * @param {number[]} x
 * @param {any} columns
 * @param {string} per
 */
function timeChart(x, columns, per) {
  return chart({
    title: 'Time saved',
    unit: per,
    summary: `In all ${duration(sum(columns.seconds_saved))} that people did not wait: what the misses would have taken, less what the hits took.`,
    plot: { x, yText: roughDuration, durations: true, lines: [{ name: 'time', label: 'Time saved', values: columns.seconds_saved, area: true }] },
    valueText: duration,
    idle: (values) => duration(sum(values)),
  });
}

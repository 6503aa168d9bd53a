/** Prefix caches of providers and backends: what the proxy predicted, what they delivered. */
import { get } from '../api.js';
import { h } from '../dom.js';
import { compact, count, duration, percent } from '../format.js';
import { durationOf, figureOf, moneyOf, noticeOf, priced, tile } from '../parts/cards.js';
import { chart } from '../parts/figure.js';
import { empty, show } from '../parts/states.js';
import { table } from '../parts/table.js';
import { figuresQuery } from '../range.js';

/** @type {import('../shell/pages.js').PageModule['draw']} */
export function draw(place, { leave }) {
  const [sums, time, top] = [h('div'), h('div'), h('section.card')];
  place.append(h('div.stack', {}, sums, time, top));
  return () => {
    const query = figuresQuery();
    show(sums, 'the prefix caches', () => get('prefix', query, leave), totals);
    show(time, 'the prefix caches over time', () => get('series', query, leave), overTime);
    show(top, 'the top prefixes', () => get('groups', { ...query, by: 'prefix', order: 'requests', limit: 20 }, leave), prefixes);
  };
}

/** @param {any} answer */
function totals(answer) {
  const all = answer.totals;
  if (all.requests === 0) {
    return [noticeOf(answer.notice), empty('Nothing went upstream in this range.', 'Only requests that were forwarded can use a provider’s or a backend’s prefix cache.')];
  }

  return [noticeOf(answer.notice), h('div.tiles', {},
    tile('Delivered from prefix caches', figureOf(all.cached_tokens, `${compact(all.cached_tokens)} tokens`, count(all.cached_tokens)), `${percent(all.cached_share)} of ${count(all.prompt_tokens)} prompt tokens`),
    tile('Predicted', figureOf(all.predicted_tokens, `${compact(all.predicted_tokens)} tokens`, count(all.predicted_tokens)), `for ${count(all.compared_requests)} requests; ${count(all.unpredicted_requests)} more could not be compared`),
    tile('Delivered of predicted', figureOf(all.delivered_of_predicted, percent(all.delivered_of_predicted)), `${count(all.delivered_tokens)} tokens of the same requests; over 100 %: upstreams knew more than the proxy`),
    tile('Written to caches', figureOf(all.cache_write_tokens, `${compact(all.cache_write_tokens)} tokens`, count(all.cache_write_tokens)), 'providers charge some writes more than plain input')),
  h('section.card', {}, table('By upstream', [
    { key: 'upstream', title: 'Upstream', cell: (row) => row.upstream || '(none)', order: (row) => row.upstream },
    { key: 'requests', title: 'Requests', figure: true, cell: (row) => count(row.requests), order: (row) => row.requests },
    { key: 'prompt', title: 'Prompt tokens', figure: true, cell: (row) => count(row.prompt_tokens), order: (row) => row.prompt_tokens },
    { key: 'delivered', title: 'Delivered', figure: true, cell: (row) => count(row.cached_tokens), order: (row) => row.cached_tokens },
    { key: 'share', title: 'Of prompt', figure: true, cell: (row) => percent(row.cached_share), order: (row) => row.cached_share },
    { key: 'compared', title: 'Compared', figure: true, cell: (row) => count(row.compared_requests), order: (row) => row.compared_requests },
    { key: 'predicted', title: 'Predicted', figure: true, cell: (row) => (row.compared_requests ? count(row.predicted_tokens) : '–'), order: (row) => row.predicted_tokens },
    { key: 'had', title: 'Delivered of these', figure: true, cell: (row) => (row.compared_requests ? count(row.delivered_tokens) : '–'), order: (row) => row.delivered_tokens },
    { key: 'kept', title: 'Of predicted', figure: true, cell: (row) => percent(row.delivered_of_predicted), order: (row) => row.delivered_of_predicted },
  ], answer.upstreams, { name: 'sort' }))];
}

/** @param {any} answer */
function overTime(answer) {
  const columns = answer.series[0];
  const sum = (/** @type {number[]} */ values) => values.reduce((all, value) => all + value, 0);
  if (!columns || sum(columns.prompt_tokens) === 0) {
    return noticeOf(answer.notice);
  }

  // Where nothing could be compared, what was delivered is worth showing by itself.
  const isCompared = sum(columns.predicted_cached_tokens) + sum(columns.delivered_cached_tokens) > 0;
  return chart({
    title: isCompared ? 'Predicted against delivered' : 'Delivered from prefix caches',
    unit: `prompt tokens per ${duration(answer.range.step_seconds)}`,
    summary: `Predicted ${count(sum(columns.predicted_cached_tokens))} tokens, delivered ${count(sum(columns.delivered_cached_tokens))} to the same requests, ${count(sum(columns.cached_read_tokens))} of ${count(sum(columns.prompt_tokens))} prompt tokens to all. Where less is delivered than predicted, a cache forgot sooner than the proxy thought.`,
    plot: {
      x: answer.times,
      yText: compact,
      lines: [
        { name: 'delivered', label: 'Delivered', values: isCompared ? columns.delivered_cached_tokens : columns.cached_read_tokens },
        ...(isCompared ? [{ name: 'predicted', label: 'Predicted', values: columns.predicted_cached_tokens }] : []),
      ],
    },
    valueText: count,
    idle: (values) => count(sum(/** @type {number[]} */ (values))),
  });
}

/** @param {any} answer */
function prefixes(answer) {
  const groups = answer.groups.filter((/** @type {any} */ group) => group.key);
  if (!groups.length) {
    return [h('h2', {}, 'Top prefixes'), noticeOf(answer.notice), empty('No request had a reusable prefix.', 'A system prompt, tools or earlier turns in front of the question make one.')];
  }

  return [noticeOf(answer.notice), table('Top prefixes', [
    { key: 'prefix', title: 'Prefix', cell: (row) => h('code', {}, row.key) },
    { key: 'requests', title: 'Requests', figure: true, cell: (row) => count(row.figures.requests), order: (row) => row.figures.requests },
    { key: 'prompt', title: 'Prompt tokens', figure: true, cell: (row) => count(row.figures.tokens.prompt), order: (row) => row.figures.tokens.prompt },
    { key: 'predicted', title: 'Predicted', figure: true, cell: (row) => count(row.figures.predicted_cached_tokens), order: (row) => row.figures.predicted_cached_tokens },
    { key: 'delivered', title: 'Delivered', figure: true, cell: (row) => count(row.figures.tokens.cached_read), order: (row) => row.figures.tokens.cached_read },
    { key: 'paid', title: 'Spent', figure: true, cell: (row) => moneyOf(priced(row.figures, row.figures.paid_nanodollars)), order: (row) => row.figures.paid_nanodollars },
    { key: 'seconds', title: 'Time saved', figure: true, cell: (row) => durationOf(row.figures.seconds_saved), order: (row) => row.figures.seconds_saved },
  ], groups, { name: 'top' })];
}

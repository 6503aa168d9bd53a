/** What the proxy depends on, and how it is. */
import { get } from '../api.js';
import { h } from '../dom.js';
import { count, duration, percent, ratio, size } from '../format.js';
import { bar, status, tile } from '../parts/cards.js';
import { empty, show } from '../parts/states.js';
import { table } from '../parts/table.js';

const UPSTREAM_STATES = /** @type {Record<string, ['good' | 'warn' | 'bad', string]>} */ ({
  up: ['good', 'up'],
  half_open: ['warn', 'tried again'],
  resting: ['warn', 'resting, as it asked'],
  open: ['bad', 'left alone after failures'],
  down: ['bad', 'down'],
});
const BREAKER_STATES = /** @type {Record<string, ['good' | 'warn' | 'bad', string]>} */ ({
  closed: ['good', 'closed'], half_open: ['warn', 'half open'], open: ['bad', 'open: not called'],
});

/** @type {import('../shell/pages.js').PageModule['draw']} */
export function draw(place, { leave }) {
  const all = h('div');
  place.append(all);
  return () => { show(all, 'the health', () => get('health', {}, leave), health); };
}

/** @param {any} answer */
function health(answer) {
  const ill = [...answer.dependencies.filter((/** @type {any} */ one) => !one.is_healthy), ...answer.upstreams.filter((/** @type {any} */ one) => one.state !== 'up')];
  return [
    h('div.tiles', {},
      tile('Proxy', answer.is_ready ? status('good', 'ready') : status('bad', 'not ready'), answer.is_ready ? 'it can serve a miss' : 'no upstream can serve a miss; hits are served'),
      tile('Not well', count(ill.length), ill.map((one) => one.name).join(', ') || 'everything answers'),
      tile('Ledger', ledgerState(answer.ledger), `${count(answer.ledger.merged)} requests without a row of their own, ${count(answer.ledger.lost)} in no sum`)),
    h('div.stack', {}, upstreams(answer.upstreams), dependencies(answer.dependencies), stores(answer.stores), pools(answer.kv_pools)),
  ];
}

/** @param {any} ledger */
const ledgerState = (ledger) => (!ledger.is_enabled ? status('warn', 'off') : ledger.lost > 0 ? status('bad', 'lost requests') : status('good', 'writes'));

/** @param {any[]} rows */
function upstreams(rows) {
  return h('section.card', {}, rows.length ? table('Upstreams', [
    { key: 'name', title: 'Upstream', cell: (row) => row.name, order: (row) => row.name },
    { key: 'state', title: 'State', cell: (row) => status(...(UPSTREAM_STATES[row.state] ?? ['warn', row.state])), order: (row) => row.state },
    { key: 'kind', title: 'Kind', cell: (row) => row.kind, order: (row) => row.kind },
    { key: 'url', title: 'Address', cell: (row) => h('code', {}, row.base_url) },
    { key: 'active', title: 'Requests under way', figure: true, cell: (row) => count(row.active), order: (row) => row.active },
  ], rows, { name: 'sort-upstreams' }) : empty('No upstream is set.', 'Name one in the section Upstreams of the settings, or let Backend:Mode be embedded.'));
}

/** What can be there and is not, with the setting that says so. */
const OPTIONAL = [['redis', 'Redis:Url', 'answers shared by several proxies'], ['qdrant', 'Qdrant:Url', 'questions shared by several proxies']];

/** @param {any[]} rows */
const absent = (rows) => OPTIONAL.filter(([name]) => !rows.some((row) => row.name === name))
  .map(([name, setting, what]) => h('p.muted', {}, `${name}: not used. `, h('code', {}, setting), ` names one, for ${what}.`));

/** @param {any[]} rows */
function dependencies(rows) {
  return h('section.card', {}, rows.length ? table('Guarded dependencies', [
    { key: 'name', title: 'Dependency', cell: (row) => row.name, order: (row) => row.name },
    { key: 'state', title: 'Breaker', cell: (row) => status(...(BREAKER_STATES[row.state] ?? ['warn', row.state])), order: (row) => row.state },
    { key: 'p50', title: 'p50', figure: true, cell: (row) => duration(row.p50_seconds), order: (row) => row.p50_seconds },
    { key: 'p99', title: 'p99', figure: true, cell: (row) => duration(row.p99_seconds), order: (row) => row.p99_seconds },
    { key: 'ok', title: 'Calls', figure: true, cell: (row) => count(row.succeeded), order: (row) => row.succeeded },
    { key: 'failed', title: 'Failed', figure: true, cell: (row) => count(row.failed), order: (row) => row.failed },
    { key: 'late', title: 'Too late', figure: true, cell: (row) => count(row.timed_out), order: (row) => row.timed_out },
    { key: 'rejected', title: 'Not tried', figure: true, cell: (row) => count(row.rejected), order: (row) => row.rejected },
    { key: 'fault', title: 'Last fault', text: true, cell: (row) => row.last_fault ?? '–' },
  ], rows, { name: 'sort-dependencies' }) : empty('Nothing is guarded.', 'Redis, Qdrant, SQLite and the encoders appear here once they are used.'), absent(rows));
}

/** @param {any[]} rows */
function stores(rows) {
  return h('section.card', {}, table('Stores', [
    { key: 'name', title: 'Store', cell: (row) => row.name, order: (row) => row.name },
    { key: 'entries', title: 'Entries', figure: true, cell: (row) => count(row.entries), order: (row) => row.entries },
    { key: 'bytes', title: 'Size', figure: true, cell: (row) => (row.limit_bytes ? `${size(row.bytes)} of ${size(row.limit_bytes)}` : size(row.bytes)), order: (row) => row.bytes },
    { key: 'bar', title: 'Full', cell: (row) => (row.limit_bytes ? bar(ratio(row.bytes, row.limit_bytes) ?? 0, '', `${percent(ratio(row.bytes, row.limit_bytes))} full`) : '–') },
    { key: 'evictions', title: 'Evicted', figure: true, cell: (row) => count(row.evictions), order: (row) => row.evictions },
    { key: 'dropped', title: 'Not written', figure: true, cell: (row) => count(row.dropped), order: (row) => row.dropped },
    { key: 'error', title: 'Fault', text: true, cell: (row) => row.error ?? '–' },
  ], rows, { name: 'sort-stores' }));
}

/** @param {any[]} rows */
function pools(rows) {
  if (!rows.length) {
    return h('section.card', {}, h('h2', {}, 'KV pools'), empty('No backend tells of its KV pool.', 'The bundled one does, inside the proxy or as an upstream of kind cacheproxy.'));
  }

  return rows.map((row) => h('section.card', {}, h('h2', {}, 'KV pool of ', row.upstream, row.model && ` (${row.model})`), row.error ? h('p.problem', {}, row.error) : pool(row)));
}

/** @param {any} row */
function pool(row) {
  const all = row.free_blocks + row.cached_blocks + row.leased_blocks;
  const tier = (/** @type {any} */ value) => (value ? `${count(value.blocks)} blocks, ${size(value.bytes)}, ${count(value.hit_tokens)} tokens found` : 'off');
  const lines = /** @type {[string, import('../dom.js').Child][]} */ ([
    ['Used', bar(1 - (ratio(row.free_blocks, all) ?? 1), '', `${percent(1 - (ratio(row.free_blocks, all) ?? 1))} used`)],
    ['Blocks', `${count(row.leased_blocks)} in use, ${count(row.cached_blocks)} cached (${count(row.pinned_blocks)} pinned), ${count(row.free_blocks)} free, each ${count(row.block_tokens)} tokens or ${size(row.block_bytes)}`],
    ['Prefix cache', `${count(row.hit_tokens)} of ${count(row.queried_tokens)} tokens found (${percent(row.hit_rate)})`],
    ['Evicted', `${count(row.evicted_blocks)} blocks`],
    ['Memory beside it', tier(row.ram)],
    ['Disk', tier(row.disk)],
  ]);
  return h('dl.pairs', {}, lines.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));
}

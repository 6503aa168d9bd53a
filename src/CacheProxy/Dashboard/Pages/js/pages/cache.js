/** The stored answers: found by what is known of them, opened one by one. The search is the address. */
import { get } from '../api.js';
import { fill, h, newId } from '../dom.js';
import { count, duration, size } from '../format.js';
import { query, setQuery } from '../location.js';
import { shortId, status, tagsOf } from '../parts/cards.js';
import { empty, show } from '../parts/states.js';
import { table } from '../parts/table.js';
import { ago, moment } from '../time.js';
import { openEntry } from './entry.js';

const FIELDS = /** @type {[string, string][]} */ ([['tag', 'Tag'], ['model', 'Model'], ['tenant', 'Tenant'], ['namespace', 'Namespace'], ['prefix_id', 'Prefix id'], ['id', 'Entry id']]);
const PAGE_ROWS = 50;

/** @type {import('../shell/pages.js').PageModule['draw']} */
export function draw(place, { session, leave }) {
  const [form, found, opened] = [h('div'), h('section.card'), h('div')];
  place.append(h('div.stack', {}, form, opened, found));
  let shownForm = '';
  let shownEntry = '';
  return () => {
    const search = Object.fromEntries(FIELDS.map(([name]) => [name, query().get(name)]));
    if (shownForm !== JSON.stringify(search) || !form.hasChildNodes()) {
      shownForm = JSON.stringify(search);
      fill(form, searchForm(search));
    }

    const after = query().get('after');
    show(found, 'the entries', () => get('entries', { ...search, after, limit: PAGE_ROWS }, leave), (answer) => list(answer, after));
    const entry = query().get('entry') ?? '';
    if (entry !== shownEntry) {
      shownEntry = entry;
      fill(opened);
      if (entry) {
        openEntry(opened, entry, session, leave, () => setQuery({ entry: null }));
      }
    }
  };
}

/** @param {Record<string, string | null>} search */
function searchForm(search) {
  const fields = FIELDS.map(([name, label]) => {
    const id = newId();
    return h('div.field', {}, h('label', { for: id }, label), h('input', { id, name, type: 'search', value: search[name] ?? '', autocomplete: 'off', spellcheck: 'false' }));
  });
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const values = new FormData(/** @type {HTMLFormElement} */ (event.target));
    setQuery({ after: null, entry: null, ...Object.fromEntries(FIELDS.map(([name]) => [name, String(values.get(name)).trim()])) });
  };
  return h('form.card.form', { role: 'search', 'aria-label': 'Entries', onsubmit: submit }, fields,
    h('button.button.strong', { type: 'submit' }, 'Find'),
    h('button.button', { type: 'button', onclick: () => setQuery({ after: null, ...Object.fromEntries(FIELDS.map(([name]) => [name, null])) }) }, 'All'));
}

/**
 * @param {any} answer
 * @param {string | null} after
 */
function list(answer, after) {
  const head = h('div.card-head', {}, h('h2', {}, 'Entries ', h('span.unit', {}, `in ${answer.tier}`)));
  if (!answer.entries.length) {
    return [head, empty('No entry fits.', 'Complete answers become entries a moment after the client has them. Fields must be equal, not alike; leave them empty for all.')];
  }

  const pages = h('div.actions.left', {},
    after && h('button.button', { type: 'button', 'data-key': 'first', onclick: () => setQuery({ after: null }) }, 'To the first'),
    answer.next && h('button.button', { type: 'button', 'data-key': 'next', onclick: () => setQuery({ after: answer.next }) }, 'Next'));
  // Columns that would be empty are left out.
  const some = (/** @type {(row: any) => number} */ length) => answer.entries.some((/** @type {any} */ row) => length(row) > 0);
  return [head, table('Entries', [
    { key: 'id', title: 'Entry', cell: (row) => answer.questions[row.id] ?? shortId(row.id) },
    { key: 'model', title: 'Model', cell: (row) => row.model, order: (row) => row.model },
    { key: 'tenant', title: 'Tenant', text: true, cell: (row) => row.tenant, order: (row) => row.tenant },
    ...(some((row) => row.namespace.length) ? [{ key: 'namespace', title: 'Namespace', cell: (/** @type {any} */ row) => row.namespace || '–', order: (/** @type {any} */ row) => row.namespace }] : []),
    ...(some((row) => row.tags.length) ? [{ key: 'tags', title: 'Tags', text: true, cell: (/** @type {any} */ row) => (row.tags.length ? h('span', {}, tagsOf(row.tags)) : '–') }] : []),
    { key: 'fresh', title: 'State', cell: (row) => (row.is_fresh ? status('good', 'fresh') : status('warn', 'stale')), order: (row) => (row.is_fresh ? 1 : 0) },
    { key: 'hits', title: 'Hits', figure: true, hint: 'Requests that it answered in the last 30 days', cell: (row) => count(answer.hits[row.id] ?? 0), order: (row) => answer.hits[row.id] ?? 0 },
    { key: 'created', title: 'Made', cell: (row) => h('time', { datetime: row.created_at, title: moment(row.created_at) }, ago(row.created_at)), order: (row) => row.created_at },
    { key: 'ttl', title: 'Lives', figure: true, cell: (row) => duration(row.ttl_seconds), order: (row) => row.ttl_seconds },
    { key: 'tokens', title: 'Tokens', figure: true, cell: (row) => count(row.prompt_tokens === null || row.completion_tokens === null ? null : row.prompt_tokens + row.completion_tokens), order: (row) => row.completion_tokens },
    { key: 'size', title: 'Size', figure: true, cell: (row) => size(row.body_bytes), order: (row) => row.body_bytes },
    { key: 'took', title: 'Miss took', figure: true, cell: (row) => duration(row.miss_seconds), order: (row) => row.miss_seconds },
  ], answer.entries, { name: 'sort', visible: false, open: (row) => setQuery({ entry: row.id }), openHint: 'Open the entry' }), pages];
}

/** Prompts by what they save, and misses whose nearest question was not near enough. */
import { get } from '../api.js';
import { h } from '../dom.js';
import { count, decimal } from '../format.js';
import { addressOf, go, query, setQuery } from '../location.js';
import { durationOf, figureOf, moneyOf, noticeOf, shortId, sumOf, tagsOf } from '../parts/cards.js';
import { empty, show } from '../parts/states.js';
import { table } from '../parts/table.js';
import { figuresQuery } from '../range.js';
import { ago, moment } from '../time.js';

const ORDERS = /** @type {Record<string, string>} */ ({ saved: 'Saved', seconds_saved: 'Time saved', requests: 'Answered' });
const FEW = 15;
const MANY = 100;

/** @type {import('../shell/pages.js').PageModule['draw']} */
export function draw(place, { session, leave }) {
  const [top, near] = [h('section.card'), h('section.card')];
  place.append(h('div.stack', {}, top, near));
  return () => {
    const order = query().get('order') ?? 'saved';
    const most = query().get('rows') === 'all' ? MANY : FEW;
    show(top, 'the top prompts', () => get('groups', { ...figuresQuery(), by: 'entry', order, limit: most }, leave), (answer) => [...prompts(answer, order, session), more(answer.groups.length, most)]);
    show(near, 'the near misses', () => Promise.all([get('near-misses', { ...figuresQuery(), limit: most }, leave), get('thresholds', {}, leave)]), ([answer, { now }]) => [...misses(answer, now.threshold, session), more(answer.misses.length, most)]);
  };
}

/**
 * @param {any} answer
 * @param {string} order
 * @param {import('../session.js').Session} session
 */
function prompts(answer, order, session) {
  const groups = answer.groups.filter((/** @type {any} */ group) => group.key);
  const head = h('div.card-head', {}, h('h2', {}, 'Top prompts'), h('div.segments', { role: 'group', 'aria-label': 'Top by' }, Object.entries(ORDERS).map(([name, label]) =>
    h('button', { type: 'button', 'aria-pressed': String(name === order), 'data-key': `order-${name}`, onclick: () => setQuery({ order: name }) }, label))));
  if (!groups.length) {
    return [head, noticeOf(answer.notice), empty('No stored answer was given again in this range.', 'Answers are stored from the first complete one on; ask something twice.')];
  }

  return [head, noticeOf(answer.notice), table('Top prompts', [
    { key: 'prompt', title: 'Prompt', cell: promptText },
    { key: 'model', title: 'Model', cell: (row) => row.entry?.model ?? '–', order: (row) => row.entry?.model },
    { key: 'tenant', title: 'Tenant', text: true, cell: (row) => row.entry?.tenant ?? '–', order: (row) => row.entry?.tenant },
    { key: 'requests', title: 'Answered', figure: true, hint: 'Requests that its answer was given to', cell: (row) => count(row.figures.requests), order: (row) => row.figures.requests },
    { key: 'semantic', title: 'In other words', figure: true, hint: 'Of these: semantic hits', cell: (row) => count(row.figures.semantic), order: (row) => row.figures.semantic },
    { key: 'saved', title: 'Saved', figure: true, cell: (row) => sumOf(row.figures, 'saved'), order: (row) => row.figures.saved_nanodollars },
    { key: 'seconds', title: 'Time saved', figure: true, cell: (row) => durationOf(row.figures.seconds_saved), order: (row) => row.figures.seconds_saved },
  ], groups, { name: 'sort', visible: false, open: (row) => go(addressOf('cache', { entry: row.key })), openHint: 'Open the entry' }),
  session.hides.includes('questions') && h('p.muted', {}, 'The read-only role does not see what was asked.')];
}

/**
 * @param {number} shown
 * @param {number} most
 */
const more = (shown, most) => (most === FEW
  ? shown === FEW && h('p', {}, h('button.link', { type: 'button', 'data-key': 'more', onclick: () => setQuery({ rows: 'all' }) }, `Up to ${MANY} of them`))
  : h('p', {}, h('button.link', { type: 'button', 'data-key': 'more', onclick: () => setQuery({ rows: null }) }, 'Fewer')));

/** @param {any} row */
const promptText = (row) => row.entry?.question ?? h('span', {}, shortId(row.key), row.entry ? [' ', ...tagsOf(row.entry.tags)] : h('span.muted', {}, ' no longer in the cache'));

/**
 * @param {any} answer
 * @param {number} threshold in force
 * @param {import('../session.js').Session} session
 */
function misses(answer, threshold, session) {
  const head = [h('div.card-head', {}, h('h2', {}, 'Misses that nearly hit'), h('a', { href: addressOf('thresholds') }, `Threshold in force: ${decimal(threshold, 3)}`)),
    h('p.muted', {}, 'Similarity is the cosine of the two questions. A hit also needs that no guard objects (numbers, names, negations …) and that both ask the same with at least the threshold’s probability.')];
  if (!answer.misses.length) {
    return [...head, noticeOf(answer.notice), empty('No miss came near a stored question.', 'Semantic look-ups must be on (Semantic:Policy), and questions alike must have been asked.')];
  }

  return [...head, noticeOf(answer.notice), table('Misses that nearly hit', [
    { key: 'question', title: 'Asked', cell: asked },
    { key: 'near', title: 'Nearest stored', text: true, cell: nearest },
    { key: 'similarity', title: 'Similarity', figure: true, hint: 'Cosine of the two questions’ vectors', cell: (row) => figureOf(row.similarity, decimal(row.similarity, 4)), order: (row) => row.similarity },
    { key: 'lacked', title: 'Why it was none', text: true, cell: lacked, order: (row) => row.lacked },
    { key: 'model', title: 'Model', cell: (row) => row.model, order: (row) => row.model },
    { key: 'tenant', title: 'Tenant', text: true, cell: (row) => row.tenant, order: (row) => row.tenant },
    { key: 'paid', title: 'Paid', figure: true, cell: (row) => moneyOf(row.paid_nanodollars), order: (row) => row.paid_nanodollars },
    { key: 'time', title: 'When', cell: (row) => h('time', { datetime: row.time, title: moment(row.time) }, ago(row.time)), order: (row) => row.time },
  ], answer.misses, { name: 'near', visible: false }),
  h('p.muted', {}, `Of the last ${count(answer.searched)} misses, back to ${moment(answer.searched_from, 'dayMinute')}.`),
  session.hides.includes('questions') && h('p.muted', {}, 'The read-only role does not see what was asked.')];
}

/** @param {any} row */
const asked = (row) => row.question ?? (row.entry_id ? shortId(row.entry_id) : h('span.muted', { title: 'No answer was stored, and with it no question: it was refused, or failed' }, 'not kept'));

/** @param {any} row */
const lacked = (row) => (row.lacked === null ? '–' : row.score === null ? row.lacked.replaceAll('_', ' ') : `${row.lacked.replaceAll('_', ' ')}: ${decimal(row.score, 3)} of ${decimal(row.threshold, 3)}`);

/** @param {any} row */
const nearest = (row) => (row.near_entry_id
  ? h('a', { href: addressOf('cache', { entry: row.near_entry_id }) }, row.near_question ?? shortId(row.near_entry_id))
  : row.near_question ?? '–');

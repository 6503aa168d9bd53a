/** What each threshold would have served and how much of it was wrong, and the threshold itself. */
import { get, send } from '../api.js';
import { h, newId } from '../dom.js';
import { count, decimal, percent } from '../format.js';
import { query, setQuery } from '../location.js';
import { noticeOf } from '../parts/cards.js';
import { confirmThen } from '../parts/dialog.js';
import { notify } from '../parts/notify.js';
import { empty, show } from '../parts/states.js';
import { table } from '../parts/table.js';
import { curveCharts } from './threshold-charts.js';
import { scopeErrors } from './semantic-scopes.js';

/** @typedef {import('./threshold-charts.js').Point} Point */

const SOURCES = /** @type {Record<string, string>} */ ({ shadow: 'Misses that a stored answer was compared with', audits: 'Served hits that were audited' });
const TARGETS = ['0.005', '0.01', '0.02', '0.05', '0.1'];

/** @type {import('../shell/pages.js').PageModule['draw']} */
export function draw(place, { session, leave }) {
  const [curve, scopes] = [h('div'), h('section.card')];
  place.append(h('div.stack', {}, curve, scopes));
  const load = () => {
    const asked = { source: query().get('source'), target_error: query().get('target'), model: query().get('scope-model'), route: query().get('scope-route') };
    const key = JSON.stringify(asked);
    if (key !== shown || !curve.hasChildNodes()) {
      shown = key;
      show(curve, 'the thresholds', () => get('thresholds', asked, leave), (answer) => view(answer, session, again));
    }

    show(scopes, 'the measured errors', () => get('semantic', {}, leave), (answer) => scopeErrors(answer, session, again));
  };
  // While the marker is moved the address changes and the evidence does not.
  let shown = '';
  const again = () => {
    shown = '';
    load();
  };
  return load;
}

/**
 * @param {any} answer
 * @param {import('../session.js').Session} session
 * @param {() => void} reload
 */
function view(answer, session, reload) {
  const head = h('section.card.form', { 'aria-label': 'Evidence' },
    choice('Evidence', 'source', answer.source, SOURCES),
    choice('Wrong hits at most', 'target', String(answer.target_error), Object.fromEntries(TARGETS.map((target) => [target, percent(Number(target))]))));
  if (answer.known === 0 || !answer.curve.length) {
    return h('div.stack', {}, noticeOf(answer.notice), head, empty('Nothing is known about any threshold yet.',
      'Set ', h('code', {}, 'Semantic:Policy'), ' to shadow, ', h('code', {}, 'Semantic:Shadow'), ' to a second policy, or ', h('code', {}, 'Semantic:AuditShare'), ' above 0: then answers are compared, and this page shows what every threshold would do.'));
  }

  /** @type {Point[]} */
  const points = [...answer.curve].sort((a, b) => a.threshold - b.threshold);
  return h('div.stack', {}, noticeOf(answer.notice), head, explorer(answer, points, session, reload), scopeTable(answer));
}

/**
 * Charts, slider and expected effect, which all follow one chosen point.
 * @param {any} answer
 * @param {Point[]} points
 * @param {import('../session.js').Session} session
 * @param {() => void} reload
 */
function explorer(answer, points, session, reload) {
  const nearest = (/** @type {number} */ threshold) => points.reduce((best, point, at) => (Math.abs(point.threshold - threshold) < Math.abs(points[best].threshold - threshold) ? at : best), 0);
  const id = newId();
  const slider = /** @type {HTMLInputElement} */ (h('input.slider', { id, type: 'range', min: 0, max: points.length - 1, step: 1 }));
  const effect = h('div', { 'aria-live': 'polite' });
  const choose = (/** @type {number} */ at, keep = true) => {
    slider.value = String(at);
    slider.setAttribute('aria-valuetext', pointText(points[at]));
    charts.mark(points[at].threshold);
    effect.replaceChildren(effectOf(answer, points[at], session, reload));
    if (keep) {
      setQuery({ at: String(points[at].threshold) }, true);
    }
  };
  const charts = curveCharts(points, answer, (threshold) => choose(nearest(threshold)));
  slider.addEventListener('input', () => choose(Number(slider.value)));
  const jump = (/** @type {string} */ label, /** @type {number} */ threshold) => h('button.button', { type: 'button', onclick: () => choose(nearest(threshold)) }, label);
  queueMicrotask(() => choose(nearest(Number(query().get('at') ?? answer.now.threshold)), false));
  return h('div.stack', {},
    h('div.grid', {}, charts.elements),
    h('section.card', {}, h('label', { for: id }, 'Threshold looked at: drag a marker, or use the arrow keys here'), slider, effect,
      h('div.actions.left', {}, jump('Back to the one in force', answer.now.threshold), answer.advised && jump(`Advised: ${decimal(answer.advised.point.threshold, 3)}`, answer.advised.point.threshold))));
}

/**
 * @param {any} answer
 * @param {Point} point
 * @param {import('../session.js').Session} session
 * @param {() => void} reload
 */
function effectOf(answer, point, session, reload) {
  const now = /** @type {Point} */ (answer.now);
  const rows = /** @type {[string, Point][]} */ ([['In force', now], ['Looked at', point]]);
  const apply = () => confirmThen(`Set the threshold to ${decimal(point.threshold, 3)}?`, [
    h('p', {}, `In force is ${decimal(now.threshold, 3)}. ${change(now, point)}`),
    h('p', {}, 'The settings file is changed, and counts from the next request on.'),
  ], 'Apply', async () => {
    const reply = await send('POST', 'thresholds/apply', { threshold: point.threshold, settings: answer.settings, model: query().get('scope-model') ?? '', route: query().get('scope-route') ?? '' });
    notify(reply.changes.length ? `Applied: ${reply.changes.map((/** @type {any} */ one) => `${one.path} from ${one.before ?? 'unset'} to ${one.after}`).join(', ')}.` : 'Applied: the file said so already.');
    setQuery({ at: null }, true);
    reload();
  });
  const same = point.threshold === now.threshold;
  return h('div.stack', {},
    table('Expected effect', [
      { key: 'what', title: 'Threshold', cell: ([name, value]) => `${name}: ${decimal(value.threshold, 3)}` },
      { key: 'rate', title: 'Served', figure: true, cell: ([, value]) => percent(value.hit_rate) },
      { key: 'served', title: 'of known', figure: true, cell: ([, value]) => `${count(value.served)} of ${count(answer.known)}` },
      { key: 'wrong', title: 'Wrong', figure: true, cell: ([, value]) => count(value.wrong) },
      { key: 'error', title: 'Share wrong', figure: true, cell: ([, value]) => percent(value.error, 2) },
      { key: 'interval', title: '95 % interval', figure: true, cell: ([, value]) => (value.error === null ? '–' : `${percent(value.error_low, 2)} to ${percent(value.error_high, 2)}`) },
    ], rows),
    h('p', {}, same ? 'This is the threshold in force.' : change(now, point)),
    advice(answer),
    session.can_write && (answer.can_apply
      ? h('div', {}, h('button.button.strong', { type: 'button', disabled: same, onclick: apply }, `Apply ${decimal(point.threshold, 3)} …`))
      : h('p.muted', {}, 'It cannot be applied from here: there is no settings file, or the environment sets the threshold.')));
}

/** @param {any} answer */
const advice = ({ advised, target_error: target, confidence, fewest_needed: fewest }) => h('p.muted', {}, advised
  ? `Advised for at most ${percent(target)} wrong with ${percent(confidence, 0)} confidence: ${decimal(advised.point.threshold, 3)}; no more than ${percent(advised.upper_bound, 2)} are wrong there.`
  : `The evidence shows at most ${percent(target)} wrong with ${percent(confidence, 0)} confidence for no threshold; it takes at least ${count(fewest)} compared hits without a wrong one.`);

/**
 * @param {Point} from
 * @param {Point} to
 */
function change(from, to) {
  const more = to.served - from.served;
  const wrong = to.wrong - from.wrong;
  const signed = (/** @type {number} */ value) => (value > 0 ? `${count(value)} more` : value < 0 ? `${count(-value)} fewer` : 'as many');
  return `Of the known pairs it would serve ${signed(more)} (${percent(to.hit_rate)} instead of ${percent(from.hit_rate)}), ${signed(wrong)} of them wrongly.`;
}

/** @param {Point} point */
const pointText = (point) => `${decimal(point.threshold, 3)}: serves ${percent(point.hit_rate)}, ${point.error === null ? 'nothing wrong known' : `${percent(point.error, 2)} wrong`}`;

/**
 * @param {string} label
 * @param {string} name
 * @param {string} value
 * @param {Record<string, string>} options
 */
function choice(label, name, value, options) {
  const id = newId();
  return h('div.field', {}, h('label', { for: id }, label),
    h('select', { id, 'data-key': name, onchange: (/** @type {Event} */ event) => setQuery({ [name]: /** @type {HTMLSelectElement} */ (event.target).value }) },
      Object.entries(options).map(([key, text]) => h('option', { value: key, selected: key === value }, text))));
}

/** @param {any} answer */
function scopeTable(answer) {
  return answer.scopes.length > 0 && h('section.card', {}, table('By model and route', [
    { key: 'model', title: 'Model', cell: (row) => row.model || '(all)', order: (row) => row.model },
    { key: 'route', title: 'Route', cell: (row) => row.route || '(all)', order: (row) => row.route },
    { key: 'known', title: 'Known', figure: true, cell: (row) => count(row.known), order: (row) => row.known },
    { key: 'now', title: 'In force', figure: true, cell: (row) => decimal(row.now.threshold, 3), order: (row) => row.now.threshold },
    { key: 'rate', title: 'Served', figure: true, cell: (row) => percent(row.now.hit_rate), order: (row) => row.now.hit_rate },
    { key: 'error', title: 'Share wrong', figure: true, cell: (row) => percent(row.now.error, 2), order: (row) => row.now.error },
    { key: 'advised', title: 'Advised', figure: true, cell: (row) => (row.advised ? decimal(row.advised.point.threshold, 3) : '–'), order: (row) => row.advised?.point.threshold },
  ], answer.scopes, { name: 'sort-scopes', open: (row) => setQuery({ 'scope-model': row.model, 'scope-route': row.route, at: null }), openHint: 'Its own thresholds' }));
}

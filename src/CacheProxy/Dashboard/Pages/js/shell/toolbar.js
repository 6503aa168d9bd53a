/** Time range, filters and refresh: each a parameter of the address. */
import { get } from '../api.js';
import { fill, h, newId, one } from '../dom.js';
import { query, setQuery } from '../location.js';
import { notify } from '../parts/notify.js';
import { CUSTOM, FILTERS, RANGES, figuresQuery, range } from '../range.js';

const REFRESHES = { '': 'off', 10: 'every 10 s', 60: 'every minute' };
const CHOICES_WITHIN_MS = 1500;
const LABELS = /** @type {Record<string, string>} */ ({ tenant: 'Tenant', model: 'Model', upstream: 'Upstream' });

/** @type {Record<string, string[]>} what was seen in the range, by filter */
let choices = { tenant: [], model: [], upstream: [] };

/** @type {string | null} of which range the choices are */
let choicesOf = null;

/**
 * @param {import('./pages.js').Page} page
 * @param {HTMLElement} [place]
 */
export function drawToolbar(page, place = one('.toolbar')) {
  const focused = document.activeElement instanceof HTMLElement && place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  fill(place, page.range && rangeField(), page.range && range().name === CUSTOM && customField(), page.filters && FILTERS.map(filterField), page.refresh && refreshField());
  const again = focused && place.querySelector(`[data-key="${CSS.escape(focused)}"]`);
  if (again instanceof HTMLElement) {
    again.focus();
  }

  const wanted = ['range', 'from', 'to'].map((name) => query().get(name)).join();
  if (page.filters && choicesOf !== wanted) {
    choicesOf = wanted;
    // Once the figures are there, which are what people wait for. The selects alone: a range that is half typed stays.
    window.requestIdleCallback(async () => {
      await readChoices();
      place.querySelectorAll('select[data-filter]').forEach((select) => fill(select, choicesFor(/** @type {HTMLSelectElement} */ (select).dataset.filter ?? '')));
    }, { timeout: CHOICES_WITHIN_MS });
  }
}

/** @param {() => void} refresh */
export function autoRefresh(refresh) {
  let last = Date.now();
  window.setInterval(() => {
    const seconds = Number(query().get('refresh'));
    if (seconds > 0 && Date.now() - last >= seconds * 1000 && !document.hidden && !document.querySelector('dialog[open]')) {
      last = Date.now();
      refresh();
    }
  }, 1000);
}

function rangeField() {
  const now = range().name;
  const button = (/** @type {string} */ name, /** @type {string} */ label, /** @type {() => void} */ act) =>
    h('button', { type: 'button', 'aria-pressed': String(name === now), 'data-key': `range-${name}`, onclick: act }, label);
  return h('div.field', {}, h('span.muted', {}, 'Time range'), h('div.segments', { role: 'group', 'aria-label': 'Time range' },
    Object.entries(RANGES).map(([name, label]) => button(name, label, () => setQuery({ range: name, from: null, to: null }))),
    button(CUSTOM, 'Custom', () => {
      const to = new Date();
      const from = new Date(to.getTime() - 86400e3);
      setQuery({ range: CUSTOM, from: from.toISOString(), to: to.toISOString() });
    })));
}

function customField() {
  const { from, to } = range();
  const [first, last] = [from, to].map((instant, index) => {
    const id = newId();
    const input = /** @type {HTMLInputElement} */ (h('input', { type: 'datetime-local', id, value: instant ? localText(instant) : '', step: 60, 'data-key': index ? 'to' : 'from' }));
    return { input, field: h('div.field', {}, h('label', { for: id }, index ? 'To' : 'From'), input) };
  });
  const apply = h('button.button', {
    type: 'button',
    'data-key': 'apply-range',
    onclick: () => {
      const [begin, end] = [new Date(first.input.value), new Date(last.input.value)];
      if (begin.getTime() < end.getTime()) {
        setQuery({ range: CUSTOM, from: begin.toISOString(), to: end.toISOString() });
      } else {
        notify('The range must begin before it ends.', 'failed');
      }
    },
  }, 'Show');
  return [first.field, last.field, apply];
}

/** @param {string} name */
function filterField(name) {
  const id = newId();
  const select = h('select', { id, 'data-key': name, 'data-filter': name, onchange: (/** @type {Event} */ event) => setQuery({ [name]: /** @type {HTMLSelectElement} */ (event.target).value }) }, choicesFor(name));
  return h('div.field', {}, h('label', { for: id }, LABELS[name]), select);
}

/** @param {string} name */
function choicesFor(name) {
  const now = query().get(name) ?? '';
  const known = now && !choices[name].includes(now) ? [now, ...choices[name]] : choices[name];
  return [h('option', { value: '' }, 'all'), ...known.map((value) => h('option', { value, selected: value === now }, value))];
}

function refreshField() {
  const now = query().get('refresh') ?? '';
  const id = newId();
  return h('div.field.refresh', {}, h('label', { for: id }, 'Refresh'),
    h('select', { id, 'data-key': 'refresh', onchange: (/** @type {Event} */ event) => setQuery({ refresh: /** @type {HTMLSelectElement} */ (event.target).value }) },
      Object.entries(REFRESHES).map(([value, label]) => h('option', { value, selected: value === now }, label))));
}

/** Filters that cannot be read leave what is chosen; the figures below will say what is wrong. */
async function readChoices() {
  const { tenant, model, upstream, ...span } = figuresQuery();
  try {
    const { tenants, models, upstreams } = await get('choices', span);
    choices = { tenant: tenants.sort(), model: models.sort(), upstream: upstreams.sort() };
  } catch {
    choicesOf = null;
  }
}

/** @param {Date} instant as the field of a date and a time takes it, in the browser's zone */
function localText(instant) {
  const shifted = new Date(instant.getTime() - instant.getTimezoneOffset() * 60000);
  return shifted.toISOString().slice(0, 16);
}

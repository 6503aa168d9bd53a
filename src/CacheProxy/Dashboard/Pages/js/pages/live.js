/** Requests as they are answered, the newest on top. */
import { apiAddress } from '../api.js';
import { fill, h } from '../dom.js';
import { count, decimal, duration } from '../format.js';
import { addressOf } from '../location.js';
import { leastOf, moneyOf, outcomeOf } from '../parts/cards.js';
import { announce } from '../parts/notify.js';
import { empty } from '../parts/states.js';
import { filters } from '../range.js';
import { moment } from '../time.js';

const MOST_ROWS = 200;
const HEADS = ['Time', 'Outcome', 'Status', 'Tenant', 'Model', 'Upstream', 'Tokens in, out', 'First byte', 'Whole', 'Paid', 'Saved', 'Entry'];
const FIGURES = new Set(['Status', 'Tokens in, out', 'First byte', 'Whole', 'Paid', 'Saved']);

/** @type {import('../shell/pages.js').PageModule['draw']} */
export function draw(place, { leave }) {
  const body = /** @type {HTMLTableSectionElement} */ (h('tbody'));
  const state = h('p', { role: 'status' });
  const rest = h('div');
  /** @type {any[]} rows that came while the page stood still */
  let held = [];
  let paused = false;
  /** @type {EventSource | null} */
  let source = null;
  let seen = 0;
  let lost = 0;

  const tell = (/** @type {string} */ connection) => {
    state.textContent = `${connection} ${count(seen)} seen${held.length ? `, ${count(held.length)} waiting` : ''}${lost ? `, ${count(lost)} left out because this page was too slow` : ''}.`;
  };
  const add = (/** @type {any} */ row) => {
    seen++;
    if (paused) {
      held.push(row);
      held = held.slice(-MOST_ROWS);
    } else {
      body.prepend(line(row));
      while (body.rows.length > MOST_ROWS) {
        body.lastElementChild?.remove();
      }
    }

    fill(rest);
    tell(paused ? 'Paused.' : 'Connected.');
  };
  const pause = h('button.button', {
    type: 'button',
    'aria-pressed': 'false',
    onclick: () => {
      paused = !paused;
      pause.setAttribute('aria-pressed', String(paused));
      pause.textContent = paused ? 'Go on' : 'Pause';
      held.forEach((row) => body.prepend(line(row)));
      held = [];
      announce(paused ? 'Paused' : 'Going on');
      tell(paused ? 'Paused.' : 'Connected.');
    },
  }, 'Pause');
  const clear = h('button.button', { type: 'button', onclick: () => fill(body) }, 'Clear');

  place.append(h('section.card', {},
    h('div.card-head', {}, state, h('div.actions.left', {}, pause, clear)),
    h('div.scroll', { tabindex: 0, role: 'region', 'aria-label': 'Requests' },
      h('table', {}, h('caption.hidden', {}, 'Requests as they are answered'), h('thead', {}, h('tr', {}, HEADS.map((head) => h(FIGURES.has(head) ? 'th.figure' : 'th', { scope: 'col' }, head)))), body)),
    rest));
  const stop = () => source?.close();
  leave.addEventListener('abort', stop);

  return () => {
    stop();
    fill(body);
    fill(rest, empty('No request yet.', 'They appear here as they are answered.'));
    tell('Connecting …');
    source = new EventSource(apiAddress('tail', filters()));
    source.addEventListener('open', () => tell(paused ? 'Paused.' : 'Connected.'));
    source.addEventListener('error', () => tell(source?.readyState === EventSource.CLOSED ? 'The connection was refused: at most 16 may read along. Press r to try again.' : 'The connection was lost; trying again …'));
    source.addEventListener('row', (event) => add(JSON.parse(event.data)));
    source.addEventListener('dropped', (event) => {
      lost = JSON.parse(event.data).dropped;
      tell('Connected.');
    });
  };
}

/**
 * @param {any} row
 * @param {number | null} nanodollars
 */
const amountOf = (row, nanodollars) => (row.is_part_priced && nanodollars ? leastOf(nanodollars, 'it cost more than is known') : moneyOf(nanodollars));

/** @param {any} row */
function line(row) {
  const outcome = [outcomeOf(row.outcome), row.similarity !== null && row.outcome === 'semantic' ? ` ${decimal(row.similarity, 3)}` : '', row.reason ? h('span.muted', {}, ` ${row.reason}`) : '', row.requests > 1 ? ` × ${count(row.requests)}` : ''];
  return h('tr', {},
    h('td', {}, h('time', { datetime: row.time }, moment(row.time, 'second'))),
    h('th', { scope: 'row' }, row.work === 'client' ? outcome : [row.work, ' ', ...outcome]),
    h(row.status >= 400 ? 'td.figure.bad' : 'td.figure', {}, row.status >= 400 ? `▲ ${row.status}` : row.status),
    h('td.text', {}, row.tenant, row.user && h('span.muted', {}, ` ${row.user}`)),
    h('td', {}, row.model),
    h('td', {}, row.upstream ?? '–'),
    h('td.figure', {}, `${count(row.prompt_tokens)}, ${count(row.completion_tokens)}`),
    h('td.figure', {}, duration(row.first_byte_seconds)),
    h('td.figure', {}, duration(row.total_seconds)),
    h('td.figure', {}, amountOf(row, row.paid_nanodollars)),
    h('td.figure', {}, amountOf(row, row.saved_nanodollars)),
    h('td', {}, row.entry_id ? h('a', { href: addressOf('cache', { entry: row.entry_id }), title: `Entry ${row.entry_id}` }, h('code', {}, row.entry_id.slice(0, 8))) : '–'));
}

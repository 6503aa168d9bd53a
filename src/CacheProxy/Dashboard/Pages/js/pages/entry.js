/** One stored answer: what is in it, its tags, and its end. */
import { get, send } from '../api.js';
import { h, newId } from '../dom.js';
import { count, duration, size } from '../format.js';
import { tagsOf } from '../parts/cards.js';
import { confirmThen } from '../parts/dialog.js';
import { notify } from '../parts/notify.js';
import { show } from '../parts/states.js';
import { ago, moment } from '../time.js';

/**
 * @param {HTMLElement} place
 * @param {string} id
 * @param {import('../session.js').Session} session
 * @param {AbortSignal} leave
 * @param {() => void} close
 */
export async function openEntry(place, id, session, leave, close) {
  const card = h('section.card', { 'aria-label': `Entry ${id}`, tabindex: -1 });
  place.append(card);
  const reload = () => show(card, `entry ${id}`, () => get(`entries/${encodeURIComponent(id)}`, {}, leave), (answer) => view(answer, session, { reload, close }));
  await reload();
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: 'nearest' });
}

/**
 * @typedef {object} Acts
 * @property {() => void} reload
 * @property {() => void} close
 */

/**
 * @param {any} answer
 * @param {import('../session.js').Session} session
 * @param {Acts} acts
 */
function view(answer, session, acts) {
  const { entry } = answer;
  return [
    h('div.card-head', {}, h('h2', {}, 'Entry ', h('code', {}, entry.id)), h('button.button.small', { type: 'button', onclick: acts.close }, 'Close')),
    h('div.stack', {}, facts(answer), content(answer), session.can_write && h('div.stack', {}, tagForm(entry, acts), ends(answer, acts))),
  ];
}

/** @param {any} answer */
function facts({ entry, tier }) {
  const lines = /** @type {[string, import('../dom.js').Child | import('../dom.js').Child[]][]} */ ([
    ['Model', entry.model],
    ['Tenant', entry.tenant],
    ['Namespace', entry.namespace || '(none)'],
    ['Tags', entry.tags.length ? tagsOf(entry.tags) : '(none)'],
    ['Made', `${moment(entry.created_at)} (${ago(entry.created_at)})`],
    ['Lives', `${duration(entry.ttl_seconds)}, then ${duration(entry.stale_while_revalidate_seconds)} while it is refreshed, ${duration(entry.stale_if_error_seconds)} if the upstream fails`],
    ['Miss took', duration(entry.miss_seconds)],
    ['Recorded', `${entry.dialect}, ${entry.is_stream ? 'stream' : 'one object'}, ${size(entry.body_bytes)}, in ${tier}`],
    ['Tokens', `${count(entry.prompt_tokens)} prompt, ${count(entry.completion_tokens)} completion`],
  ]);
  return h('dl.pairs', {}, lines.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));
}

/** @param {any} answer */
function content({ answer, question, hidden }) {
  if (hidden.includes('answer')) {
    return h('p.muted', {}, 'The read-only role does not see questions and answers.');
  }

  return h('div.stack', {},
    question && h('div', {}, h('h3', {}, 'Question'), h('pre.document', { tabindex: 0 }, question)),
    answer && h('div', {}, h('h3', {}, 'Answer ', h('span.unit', {}, [answer.finish_reason && `ended with ${answer.finish_reason}`, answer.is_cut && 'cut here', answer.choices > 1 && `first of ${answer.choices} choices`].filter(Boolean).join(', '))),
      h('pre.document', { tabindex: 0 }, answer.text || '(no text)')),
    answer?.reasoning && h('details', {}, h('summary', {}, 'Reasoning'), h('pre.document', {}, answer.reasoning)),
    answer?.refusal && h('div', {}, h('h3', {}, 'Refusal'), h('pre.document', {}, answer.refusal)),
    answer?.tool_calls.map((/** @type {any} */ call) => h('div', {}, h('h3', {}, 'Calls ', h('code', {}, call.name ?? '(unnamed)')), h('pre.document', {}, call.arguments))));
}

/**
 * @param {any} entry
 * @param {Acts} acts
 */
function tagForm(entry, acts) {
  const id = newId();
  const input = /** @type {HTMLInputElement} */ (h('input', { id, name: 'tags', size: 40, value: entry.tags.join(', '), autocomplete: 'off' }));
  const save = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const tags = input.value.split(',').map((tag) => tag.trim()).filter(Boolean);
    try {
      const reply = await send('PUT', `entries/${encodeURIComponent(entry.id)}/tags`, { tags });
      const failed = reply.tiers.filter((/** @type {any} */ tier) => tier.error);
      notify(failed.length ? `Not everywhere: ${failed.map((/** @type {any} */ tier) => `${tier.tier}: ${tier.error}`).join('; ')}` : 'Tags saved.', failed.length ? 'failed' : 'done');
      acts.reload();
    } catch (error) {
      notify(error instanceof Error ? error.message : String(error), 'failed');
    }
  };
  return h('form.form', { 'aria-label': 'Tags', onsubmit: save }, h('div.field', {}, h('label', { for: id }, 'Tags, with commas between them'), input), h('button.button', { type: 'submit' }, 'Save tags'));
}

/**
 * @param {any} answer
 * @param {Acts} acts
 */
function ends({ entry, was_semantic_hit: wasHit }, acts) {
  const path = `entries/${encodeURIComponent(entry.id)}`;
  const remove = () => confirmThen('Delete this entry?', [h('p', {}, 'The next request for it goes upstream and is paid.'), h('p', {}, h('code', {}, entry.id))], 'Delete', async () => {
    const reply = await send('DELETE', path);
    const failed = reply.tiers.filter((/** @type {any} */ tier) => tier.error);
    notify(failed.length ? `Deleted, but not in ${failed.map((/** @type {any} */ tier) => tier.tier).join(', ')}.` : 'Entry deleted.', failed.length ? 'failed' : 'done');
    acts.close();
  });
  const wrong = () => confirmThen('Was this answer wrong?', [h('p', {}, wasHit
    ? 'The entry is removed, and the policy learns that questions this near have different answers.'
    : 'The entry is removed. It answered no other words than its own since the start, so there is no semantic hit to learn from.')], 'Mark as wrong', async () => {
    const reply = await send('POST', `${path}/feedback`, { verdict: 'wrong' });
    notify(reply.learned ? 'Removed, and learned from.' : 'Removed. It was no semantic hit, so there was nothing to learn.');
    acts.close();
  });
  return h('div.actions.left', {}, h('button.button', { type: 'button', onclick: wrong }, 'Mark as wrong …'), h('button.button.danger', { type: 'button', onclick: remove }, 'Delete …'));
}

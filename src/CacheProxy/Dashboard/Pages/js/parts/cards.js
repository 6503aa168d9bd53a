/** Tiles, money, outcomes, tags, bars: the small things that pages are made of. */
import { h } from '../dom.js';
import { count, duration, exactMoney, money } from '../format.js';

/**
 * @param {string} title
 * @param {import('../dom.js').Child} figure
 * @param {...import('../dom.js').Child} note
 */
export const tile = (title, figure, ...note) => h('section.card.tile', {}, h('h2', {}, title), h('p.big', {}, figure), h('p.note', {}, ...note));

/**
 * Rounded, with the exact amount to hand; the element's value is the nanodollars.
 * @param {number | null | undefined} nanodollars
 */
export const moneyOf = (nanodollars) => figureOf(nanodollars, money(nanodollars), exactMoney(nanodollars));

/**
 * Null where no request has a price: a sum of nothing is not zero.
 * @param {{requests: number, unknown_price_requests: number}} figures
 * @param {number} nanodollars
 */
export const priced = (figures, nanodollars) => (figures.requests > 0 && figures.unknown_price_requests === figures.requests ? null : nanodollars);

/**
 * A sum of money of requests: unknown where none has a price, the least that it is where some are known in part.
 * @param {any} figures
 * @param {'paid' | 'saved' | 'net'} name
 */
export function sumOf(figures, name) {
  const sum = priced(figures, figures[`${name}_nanodollars`]);
  return figures.part_price_requests > 0 && sum !== null ? leastOf(sum, `${count(figures.part_price_requests)} requests cost more than is known`) : moneyOf(sum);
}

/**
 * @param {number} nanodollars
 * @param {string} why
 */
export const leastOf = (nanodollars, why) => h('data', { value: nanodollars, title: `at least ${exactMoney(nanodollars)}: ${why}` },
  h('span', { 'aria-hidden': 'true' }, '≥ '), h('span.hidden', {}, 'at least '), money(nanodollars));

/** @param {number | null | undefined} seconds */
export const durationOf = (seconds) => figureOf(seconds, duration(seconds), seconds === null || seconds === undefined ? 'unknown' : `${seconds} s`);

/**
 * @param {number | null | undefined} value
 * @param {string} text
 * @param {string} [title]
 */
export const figureOf = (value, text, title) => (value === null || value === undefined
  ? h('span', { title: 'unknown' }, h('span', { 'aria-hidden': 'true' }, text), h('span.hidden', {}, 'unknown'))
  : h('data', { value, title: title ?? null }, text));

/** @param {string} outcome */
export const outcomeOf = (outcome) => h(`span.outcome.outcome-${/^[a-z]+$/.test(outcome) ? outcome : 'other'}`, {}, outcome);

/** @param {string[]} tags */
export const tagsOf = (tags) => tags.map((tag) => h('span.tag', {}, tag));

/**
 * Why figures are missing, as the proxy says it.
 * @param {string | null | undefined} notice
 */
export const noticeOf = (notice) => notice && h('p.notice', { role: 'note' }, '▲ ', notice);

/**
 * @param {string} id as the proxy gives it; long, so shortened where it names a row
 */
export const shortId = (id) => h('code', { title: id }, id.length > 12 ? `${id.slice(0, 12)}…` : id);

/**
 * @param {number} share 0 to 1, more is drawn as full
 * @param {'' | 'near' | 'over'} state
 * @param {string} label said by screen readers
 */
export function bar(share, state, label) {
  const part = h(`span.bar-part${state ? `.${state}` : ''}`);
  part.style.width = `${Math.min(100, Math.max(0, 100 * share))}%`;
  return h('span.bar', { role: 'img', 'aria-label': label }, part);
}

/**
 * A word with a sign of its own, so that its colour is not all that tells it.
 * @param {'good' | 'warn' | 'bad'} kind
 * @param {string} text
 */
export const status = (kind, text) => h(`span.status.${kind}`, {}, h('span', { 'aria-hidden': 'true' }, { good: '● ', warn: '▲ ', bad: '■ ' }[kind]), text);

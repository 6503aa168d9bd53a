/** The time range and the filters of the address, as the API takes them. */
import { query } from './location.js';
import { moment, zone } from './time.js';

/** @type {Record<string, string>} */
export const RANGES = { '15m': '15 min', '1h': '1 h', '24h': '24 h', '7d': '7 d', '30d': '30 d' };

export const DEFAULT_RANGE = '24h';
export const CUSTOM = 'custom';
export const FILTERS = ['tenant', 'model', 'upstream'];

/** @typedef {{name: string, from: Date | null, to: Date | null}} Range the ends of a custom one only, half-open */

/**
 * What the address says; what it says wrongly is the default.
 * @returns {Range}
 */
export function range() {
  const name = query().get('range') ?? DEFAULT_RANGE;
  if (name === CUSTOM) {
    const from = new Date(query().get('from') ?? '');
    const to = new Date(query().get('to') ?? '');
    if (from.getTime() < to.getTime()) {
      return { name, from, to };
    }
  }

  return { name: Object.hasOwn(RANGES, name) ? name : DEFAULT_RANGE, from: null, to: null };
}

/** @returns {Record<string, string | null>} */
export const filters = () => Object.fromEntries(FILTERS.map((name) => [name, query().get(name)]));

/** @returns {Record<string, string | null>} the query of all endpoints that sum over a range */
export function figuresQuery() {
  const { name, from, to } = range();
  /** @type {Record<string, string>} */
  const span = from && to ? { from: from.toISOString(), to: to.toISOString() } : { since: name };
  return { ...span, tz: zone(), ...filters() };
}

/** @param {{from: string, to: string, time_zone: string}} answered */
export const rangeText = (answered) => `${moment(answered.from, 'dayMinute')} to ${moment(answered.to, 'dayMinute')}, ${zone()}`;

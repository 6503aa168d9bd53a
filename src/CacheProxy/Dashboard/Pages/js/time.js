/** Instants as text, in the browser's time zone, which each page names once. */

/** @typedef {string | number | Date | null | undefined} Instant */

const STYLES = {
  minute: /** @type {Intl.DateTimeFormatOptions} */ ({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  second: /** @type {Intl.DateTimeFormatOptions} */ ({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
  day: /** @type {Intl.DateTimeFormatOptions} */ ({ day: 'numeric', month: 'short' }),
  full: /** @type {Intl.DateTimeFormatOptions} */ ({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
  dayMinute: /** @type {Intl.DateTimeFormatOptions} */ ({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
};

/** @type {Map<string, Intl.DateTimeFormat>} made once: making one costs more than a table's row */
const formats = new Map();

/**
 * @param {Instant} instant
 * @param {keyof typeof STYLES} [style]
 */
export function moment(instant, style = 'full') {
  if (instant === null || instant === undefined) {
    return '–';
  }

  let format = formats.get(style);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', STYLES[style]);
    formats.set(style, format);
  }

  return format.format(new Date(instant));
}

/** Such as `Europe/Berlin`. */
export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/**
 * How long ago, in one unit: `5 min ago`.
 * @param {Instant} instant
 */
export function ago(instant) {
  if (instant === null || instant === undefined) {
    return '–';
  }

  const seconds = (Date.now() - new Date(instant).getTime()) / 1000;
  const steps = /** @type {[number, string][]} */ ([[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']]);
  const [unit, name] = steps.find(([length]) => Math.abs(seconds) >= length) ?? [1, 's'];
  return seconds < 0 ? `in ${Math.round(-seconds / unit)} ${name}` : `${Math.floor(seconds / unit)} ${name} ago`;
}

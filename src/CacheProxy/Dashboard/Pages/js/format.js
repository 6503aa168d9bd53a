/** Figures as text, each with its unit. What is unknown is a dash with a word for screen readers, never a zero. */

export const NANODOLLARS = 1e9;

/** What stands for a figure that nobody knows. */
export const UNKNOWN = '–';

/** @typedef {number | null | undefined} Figure */

const known = (/** @type {Figure} */ value) => value !== null && value !== undefined && Number.isFinite(value);

/**
 * Dollars with three significant digits below one, so that fractions of a cent are seen: $0.000123.
 * @param {Figure} nanodollars
 */
export function money(nanodollars) {
  if (!known(nanodollars)) {
    return UNKNOWN;
  }

  const dollars = /** @type {number} */ (nanodollars) / NANODOLLARS;
  const size = Math.abs(dollars);
  const digits = size === 0 || size >= 1 ? 2 : Math.min(9, Math.max(2, 2 - Math.floor(Math.log10(size))));
  return new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(dollars);
}

/**
 * In as few digits as tell the ticks of an axis apart.
 * @param {Figure} dollars
 */
export function roughMoney(dollars) {
  return known(dollars)
    ? new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', minimumFractionDigits: 0, maximumSignificantDigits: 3 }).format(/** @type {number} */ (dollars))
    : UNKNOWN;
}

/**
 * All nine decimals, for the tooltip of a rounded figure.
 * @param {Figure} nanodollars
 */
export function exactMoney(nanodollars) {
  return known(nanodollars) ? `${(/** @type {number} */ (nanodollars) / NANODOLLARS).toFixed(9)} USD` : 'unknown';
}

/** @param {Figure} value */
export function count(value) {
  return known(value) ? new Intl.NumberFormat('en-US').format(/** @type {number} */ (value)) : UNKNOWN;
}

/**
 * 12,345 as 12.3K, for axes and cards.
 * @param {Figure} value
 */
export function compact(value) {
  return known(value) ? new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 }).format(/** @type {number} */ (value)) : UNKNOWN;
}

/**
 * @param {Figure} share 0 to 1
 * @param {number} [digits]
 */
export function percent(share, digits = 1) {
  return known(share) ? `${(100 * /** @type {number} */ (share)).toFixed(digits)} %` : UNKNOWN;
}

/**
 * @param {Figure} part
 * @param {Figure} whole
 * @returns {number | null} null where there is nothing to divide by
 */
export function ratio(part, whole) {
  return known(part) && known(whole) && whole !== 0 ? /** @type {number} */ (part) / /** @type {number} */ (whole) : null;
}

/**
 * 250 µs, 1.2 ms, 340 ms, 2.50 s, 4 min 5 s, 3 h 20 min, 2 d 4 h.
 * @param {Figure} seconds
 */
export function duration(seconds) {
  if (!known(seconds)) {
    return UNKNOWN;
  }

  const value = /** @type {number} */ (seconds);
  const size = Math.abs(value);
  if (size === 0) {
    return '0 s';
  }

  if (size < 1) {
    const [scaled, unit] = size < 0.001 ? [value * 1e6, 'µs'] : [value * 1e3, 'ms'];
    return `${Number(scaled.toPrecision(3))} ${unit}`;
  }

  return size < 60 ? `${value.toFixed(2)} s` : longDuration(value);
}

/**
 * @param {number} seconds a minute or more
 */
function longDuration(seconds) {
  const sign = seconds < 0 ? '-' : '';
  const whole = Math.round(Math.abs(seconds));
  const steps = /** @type {const} */ ([[86400, 'd', 3600, 'h'], [3600, 'h', 60, 'min'], [60, 'min', 1, 's']]);
  const [size, unit, lesser, lesserUnit] = steps.find(([limit]) => whole >= limit) ?? steps[2];
  const rest = Math.floor((whole % size) / lesser);
  return `${sign}${count(Math.floor(whole / size))} ${unit}${rest ? ` ${rest} ${lesserUnit}` : ''}`;
}

/**
 * In one unit, for axes: 2.5 min.
 * @param {Figure} seconds
 */
export function roughDuration(seconds) {
  if (!known(seconds) || Math.abs(/** @type {number} */ (seconds)) < 1) {
    return duration(seconds);
  }

  const value = /** @type {number} */ (seconds);
  const steps = /** @type {const} */ ([[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']]);
  const [unit, name] = steps.find(([length]) => Math.abs(value) >= length) ?? steps[3];
  return `${Number((value / unit).toPrecision(3))} ${name}`;
}

/** @param {Figure} bytes */
export function size(bytes) {
  if (!known(bytes)) {
    return UNKNOWN;
  }

  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = /** @type {number} */ (bytes);
  let unit = 0;
  for (; Math.abs(value) >= 1024 && unit < units.length - 1; unit++) {
    value /= 1024;
  }

  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/**
 * @param {Figure} value
 * @param {number} digits
 */
export function decimal(value, digits) {
  return known(value) ? /** @type {number} */ (value).toFixed(digits) : UNKNOWN;
}

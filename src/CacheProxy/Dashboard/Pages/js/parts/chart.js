/** uPlot in the page's colours, its width the place's. The cursor also goes by keyboard. */
import { colour, dash, pattern } from '../palette.js';
import { onTheme } from '../theme.js';
import { moment } from '../time.js';

/**
 * @typedef {object} Line
 * @property {string} name of the colour and the dash in the palette
 * @property {string} label
 * @property {(number | null)[]} values
 * @property {boolean} [area] filled down to zero
 * @property {boolean} [band] its area to the next line is filled: an interval's upper bound, the lower follows
 */

/**
 * @typedef {object} Plot
 * @property {number[]} x Unix seconds, or what `xText` reads
 * @property {Line[]} lines
 * @property {boolean} [stacked] layers of one sum
 * @property {boolean} [logarithmic]
 * @property {boolean} [durations] of y in seconds: ticks at whole minutes, hours and days
 * @property {[number, number]} [span] of y; else as the values are
 * @property {(value: number) => string} yText
 * @property {(value: number) => string} [xText] else the axis is time
 */

const HEIGHT = 220;

/** Seconds between two ticks, as clocks divide them. */
const CLOCK_STEPS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000, 864000];

/** Stacked values as uPlot draws them: the whole first, each following layer over it. */
const sums = (/** @type {Plot} */ plot) => plot.x.map((_, at) => plot.lines.reduce((all, line) => all + (line.values[at] ?? 0), 0));

/**
 * @param {HTMLElement} place
 * @param {Plot} plot
 * @param {(index: number | null) => void} onCursor
 * @param {(drawn: any) => void} [onDraw] after each making, with uPlot's own object
 * @returns {{move: (index: number) => void}}
 */
export function drawChart(place, plot, onCursor, onDraw) {
  const uPlot = /** @type {any} */ (globalThis).uPlot;
  /** @type {any} */
  let drawn = null;
  const make = () => {
    drawn?.destroy();
    drawn = new uPlot(options(plot, Math.max(200, place.clientWidth), onCursor, uPlot), data(plot), place);
    onDraw?.(drawn);
  };
  const size = new ResizeObserver(() => {
    if (!place.isConnected) {
      return;
    }

    if (!drawn) {
      make();
    } else if (drawn.width !== place.clientWidth) {
      drawn.setSize({ width: Math.max(200, place.clientWidth), height: HEIGHT });
    }
  });
  size.observe(place);
  const forget = onTheme(() => (place.isConnected ? drawn && make() : forget()));
  return {
    move(index) {
      drawn?.setCursor({ left: drawn.valToPos(plot.x[index], 'x'), top: HEIGHT / 3 });
    },
  };
}

/** @param {Plot} plot */
function data(plot) {
  if (!plot.stacked) {
    return [plot.x, ...plot.lines.map((line) => line.values)];
  }

  const columns = [];
  let rest = sums(plot);
  for (const line of [...plot.lines].reverse()) {
    columns.push(rest);
    rest = rest.map((sum, at) => sum - (line.values[at] ?? 0));
  }

  return [plot.x, ...columns];
}

/**
 * @param {Plot} plot
 * @param {number} width
 * @param {(index: number | null) => void} onCursor
 * @param {any} uPlot
 */
function options(plot, width, onCursor, uPlot) {
  const text = colour('muted');
  const decades = { filter: powersOfTen, grid: { stroke: colour('line'), width: 1, filter: powersOfTen }, ticks: { stroke: colour('line'), width: 1, filter: powersOfTen } };
  const axis = { stroke: text, grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line'), width: 1 }, font: '12px system-ui, sans-serif' };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { show: !plot.stacked, size: 6 } },
    scales: {
      x: { time: !plot.xText, ...(plot.stacked ? { range: wholeSteps } : {}) },
      y: { distr: plot.logarithmic ? 3 : 1, range: plot.span ?? (plot.logarithmic ? undefined : (/** @type {any} */ _, /** @type {number} */ low, /** @type {number} */ high) => extent(low, high)) },
    },
    axes: [
      { ...axis, ...(plot.xText ? { values: (/** @type {any} */ _, /** @type {number[]} */ ticks) => ticks.map((tick) => plot.xText?.(tick)) } : { values: timeTicks }), space: 70, size: 30 },
      { ...axis, ...(plot.logarithmic ? decades : {}), ...(plot.durations ? { incrs: CLOCK_STEPS } : {}), size: 72, values: (/** @type {any} */ _, /** @type {(number | null)[]} */ ticks) => ticks.map((tick) => (tick === null ? '' : plot.yText(tick))) },
    ],
    series: [{}, ...(plot.stacked ? layers(plot, uPlot) : lines(plot))],
    padding: [8, 20, 0, 0],
    bands: plot.lines.flatMap((line, at) => (line.band ? [{ series: [at + 1, at + 2], fill: fade(colour(line.name)) }] : [])),
    hooks: { setCursor: [(/** @type {any} */ chart) => onCursor(chart.cursor.idx ?? null)] },
  };
}

/**
 * A point is drawn where it has no neighbour that a line could lead to.
 * @param {any} drawn
 * @param {number} series
 * @param {number} first
 * @param {number} last
 */
function alone(drawn, series, first, last) {
  const values = drawn.data[series];
  for (let at = first; at <= last; at++) {
    if (values[at] !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null) {
      return true;
    }
  }

  return false;
}

/** @param {Plot} plot */
function lines(plot) {
  return plot.lines.map((line, at) => {
    const edge = line.band || plot.lines[at - 1]?.band;
    return { stroke: colour(line.name), width: edge ? 1 : 2, dash: dash(line.name), fill: line.area ? fade(colour(line.name)) : undefined, points: { show: alone, size: 6, fill: colour(line.name) }, spanGaps: false };
  });
}

/**
 * @param {Plot} plot
 * @param {any} uPlot
 */
function layers(plot, uPlot) {
  const bars = uPlot.paths.bars({ size: [0.85, 90], align: 1 });
  return plot.lines.map((line, at) => ({ fill: pattern(colour(line.name), at), stroke: colour(line.name), width: 0, paths: bars, points: { show: false } })).reverse();
}

/**
 * A bar stands for the step that begins at its time: the last one needs its room.
 * @param {any} drawn
 * @param {number} first
 * @param {number} last
 */
function wholeSteps(drawn, first, last) {
  const [x] = drawn.data;
  return [first, last + (x.length > 1 ? x[1] - x[0] : 1)];
}

/**
 * From zero (or below it) to a little over the highest.
 * @param {number | null} low
 * @param {number | null} high
 */
function extent(low, high) {
  const [bottom, top] = [Math.min(0, low ?? 0), Math.max(0, high ?? 0)];
  return top === bottom ? [0, 1] : [bottom * 1.05, top * 1.05];
}

/**
 * @param {any} _
 * @param {number[]} ticks Unix seconds
 */
function timeTicks(_, ticks) {
  return ticks.map((tick, at) => {
    const midnight = moment(tick * 1000, 'minute') === '00:00';
    const day = midnight || at === 0 || ticks[1] - ticks[0] >= 86400;
    return day && midnight ? moment(tick * 1000, 'day') : moment(tick * 1000, 'minute');
  });
}

/**
 * Of a logarithmic axis the powers of ten alone.
 * @param {any} _
 * @param {number[]} ticks
 */
const powersOfTen = (_, ticks) => ticks.map((tick) => (Number.isInteger(Number(Math.log10(tick).toFixed(6))) ? tick : null));

/** @param {string} ink */
const fade = (ink) => `color-mix(in srgb, ${ink} 18%, transparent)`;

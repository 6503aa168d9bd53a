/** Two charts over the same thresholds, each with a marker that can be dragged: what is served, and how much of it is wrong. */
import { h } from '../dom.js';
import { count, decimal, percent } from '../format.js';
import { chart } from '../parts/figure.js';

/**
 * @typedef {object} Point
 * @property {number} threshold
 * @property {number} served
 * @property {number} wrong
 * @property {number | null} hit_rate
 * @property {number | null} error
 * @property {number | null} error_low
 * @property {number | null} error_high
 */

/**
 * @param {Point[]} points ascending
 * @param {any} answer of /thresholds
 * @param {(threshold: number) => void} choose
 * @returns {{elements: HTMLElement[], mark: (threshold: number) => void}}
 */
export function curveCharts(points, answer, choose) {
  const x = points.map((point) => point.threshold);
  const xText = (/** @type {number} */ value) => decimal(value, 3);
  const yText = (/** @type {number} */ value) => percent(value);
  const valueText = (/** @type {number | null} */ value) => percent(value, 2);
  /** @type {((threshold: number) => void)[]} */
  const markers = [];
  const onDraw = (/** @type {any} */ drawn, /** @type {number} */ at) => { markers[at] = marker(drawn, answer.now.threshold, chosen, choose); };
  let chosen = answer.now.threshold;
  const mark = (/** @type {number} */ threshold) => {
    chosen = threshold;
    markers.forEach((move) => move(threshold));
  };
  const served = chart({
    title: 'Served',
    unit: 'share of the known pairs',
    xTitle: 'Threshold',
    summary: `The threshold in force, ${xText(answer.now.threshold)}, serves ${percent(answer.now.hit_rate)} of ${count(answer.known)} known pairs. Lower thresholds serve more.`,
    plot: { x, xText, yText, lines: [{ name: 'rate', label: 'Served', values: points.map((point) => point.hit_rate) }] },
    valueText,
    onDraw: (drawn) => onDraw(drawn, 0),
  });
  const wrong = chart({
    title: 'Wrong among the served',
    unit: 'share, with its 95 % interval',
    xTitle: 'Threshold',
    summary: answer.now.error === null
      ? 'The threshold in force served nothing of what is known.'
      : `In force: ${percent(answer.now.error, 2)} wrong, between ${percent(answer.now.error_low, 2)} and ${percent(answer.now.error_high, 2)} with 95 % confidence.`,
    plot: {
      x,
      xText,
      yText,
      lines: [
        { name: 'interval', label: 'Upper end', values: points.map((point) => point.error_high), band: true },
        { name: 'interval', label: 'Lower end', values: points.map((point) => point.error_low) },
        { name: 'error', label: 'Measured', values: points.map((point) => point.error) },
        { name: 'target', label: 'Target', values: points.map(() => answer.target_error) },
      ],
    },
    valueText,
    onDraw: (drawn) => onDraw(drawn, 1),
  });
  return { elements: [served, wrong], mark };
}

/**
 * @param {any} drawn uPlot's object
 * @param {number} now
 * @param {number} chosen
 * @param {(threshold: number) => void} choose
 * @returns {(threshold: number) => void} moves the chosen one
 */
function marker(drawn, now, chosen, choose) {
  const over = /** @type {HTMLElement} */ (drawn.over);
  const [fixed, moved] = [h('div.marker', {}, h('span', {}, 'in force')), h('div.marker.chosen', {}, h('span', {}, ''))];
  over.append(fixed, moved);
  const place = (/** @type {HTMLElement} */ element, /** @type {number} */ threshold) => {
    const left = drawn.valToPos(threshold, 'x');
    element.style.left = `${left}px`;
    // A label that would leave the chart stands on the other side.
    /** @type {HTMLElement} */ (element.firstElementChild).style.transform = left > over.clientWidth * 0.75 ? 'translateX(calc(-100% - 8px))' : '';
  };
  const move = (/** @type {number} */ threshold) => {
    chosen = threshold;
    place(fixed, now);
    place(moved, threshold);
    /** @type {HTMLElement} */ (moved.firstElementChild).textContent = decimal(threshold, 3);
  };
  over.addEventListener('pointerdown', (event) => {
    const follow = (/** @type {PointerEvent} */ at) => choose(drawn.posToVal(at.clientX - over.getBoundingClientRect().left, 'x'));
    over.setPointerCapture(event.pointerId);
    over.addEventListener('pointermove', follow);
    over.addEventListener('pointerup', () => over.removeEventListener('pointermove', follow), { once: true });
    follow(event);
  });
  drawn.hooks.draw = [...(drawn.hooks.draw ?? []), () => move(chosen)];
  move(chosen);
  return move;
}

/**
 * A chart with all that it needs to be read: title and unit, a legend that names colour and dash, a sentence that says what it shows, the
 * values under the cursor (mouse or arrow keys), and the same figures as a table.
 */
import { h, fill, newId } from '../dom.js';
import { dash, patternName } from '../palette.js';
import { moment } from '../time.js';
import { drawChart } from './chart.js';
import { announce } from './notify.js';
import { table } from './table.js';

/** @type {Set<string>} titles of the charts whose table is open: it stays so when the figures are loaded again */
const openTables = new Set();

/**
 * @typedef {object} Figure
 * @property {string} title
 * @property {string} unit
 * @property {string} summary what it shows, in a sentence
 * @property {import('./chart.js').Plot} plot
 * @property {(value: number | null) => string} [valueText] else as the axis
 * @property {(values: (number | null)[]) => string} [idle] what the legend says of a line while no point is looked at: its sum, or its last value
 * @property {string} [xTitle] of the first column; else Time
 * @property {(drawn: any) => void} [onDraw]
 */

/**
 * @param {Figure} figure
 * @returns {HTMLElement}
 */
export function chart(figure) {
  const { plot } = figure;
  const valueText = figure.valueText ?? ((/** @type {number | null} */ value) => (value === null ? '–' : plot.yText(value)));
  const xText = plot.xText ?? ((/** @type {number} */ time) => moment(time * 1000, 'dayMinute'));
  const [titleId, summaryId] = [newId(), newId()];
  const values = plot.lines.map(() => h('span.value'));
  const when = h('span.when');
  const canvas = h('div.canvas', { tabindex: 0, role: 'img', 'aria-labelledby': titleId, 'aria-describedby': summaryId });
  const show = (/** @type {number | null} */ index) => {
    when.textContent = index === null ? '' : xText(plot.x[index]);
    values.forEach((place, line) => { place.textContent = index === null ? figure.idle?.(plot.lines[line].values) ?? '' : valueText(plot.lines[line].values[index] ?? null); });
  };
  show(null);
  const rows = h('div.chart-table');
  const showTable = (/** @type {boolean} */ open) => {
    openTables[open ? 'add' : 'delete'](figure.title);
    toggle.setAttribute('aria-expanded', String(open));
    fill(rows, open && asTable(figure, valueText, xText));
  };
  const toggle = h('button.button.small', { type: 'button', 'data-key': `table-${figure.title}`, onclick: () => showTable(!openTables.has(figure.title)) }, 'Table');
  showTable(openTables.has(figure.title));
  const drawn = drawChart(canvas, plot, show, figure.onDraw);
  let at = plot.x.length;
  canvas.addEventListener('keydown', (event) => {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: plot.x.length - 1 }[event.key];
    if (to !== undefined && plot.x.length) {
      event.preventDefault();
      at = Math.min(plot.x.length - 1, Math.max(0, to));
      drawn.move(at);
      show(at);
      announce(`${xText(plot.x[at])}: ${plot.lines.map((line) => `${line.label} ${valueText(line.values[at] ?? null)}`).join(', ')}`);
    }
  });
  return h('figure.card.chart', {},
    h('div.card-head', {}, h('h2', { id: titleId }, figure.title, ' ', h('span.unit', {}, figure.unit)), h('div.head-end', {}, when, toggle)),
    h('ul.legend', {}, plot.lines.map((line, index) => h('li', {}, swatch(line.name, plot.stacked ? index : -1), line.label, ' ', values[index]))),
    canvas,
    h('figcaption', { id: summaryId }, figure.summary),
    rows);
}

const SVG = 'http://www.w3.org/2000/svg';

/**
 * The line's dash, or the layer's pattern, in its colour.
 * @param {string} name
 * @param {number} layer -1: a line
 */
function swatch(name, layer) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', `swatch ink-${name}${layer >= 0 ? ` layer layer-${patternName(layer)}` : ''}`);
  svg.setAttribute('viewBox', '0 0 24 12');
  svg.setAttribute('aria-hidden', 'true');
  const mark = document.createElementNS(SVG, layer >= 0 ? 'rect' : 'line');
  const at = layer >= 0 ? { x: 4, y: 0, width: 16, height: 12 } : { x1: 0, y1: 6, x2: 24, y2: 6, 'stroke-dasharray': dash(name).join(' ') };
  Object.entries(at).forEach(([key, value]) => mark.setAttribute(key, String(value)));
  svg.append(mark);
  const lines = layer < 0 ? undefined : { rising: 'M4 12L16 0M12 12L20 4', falling: 'M8 0L20 12M4 4L12 12', dots: 'M8 4h1M14 4h1M8 8h1M14 8h1', cross: 'M6 0L18 12M18 0L6 12' }[patternName(layer)];
  if (lines) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', lines);
    svg.append(path);
  }

  return svg;
}

/**
 * @param {Figure} figure
 * @param {(value: number | null) => string} valueText
 * @param {(value: number) => string} xText
 */
function asTable(figure, valueText, xText) {
  const { plot } = figure;
  const columns = [
    { key: 'x', title: figure.xTitle ?? 'Time', cell: (/** @type {number} */ at) => xText(plot.x[at]) },
    ...plot.lines.map((line, index) => ({ key: `y${index}`, title: line.label, figure: true, cell: (/** @type {number} */ at) => valueText(line.values[at] ?? null) })),
  ];
  return table(`${figure.title}, ${figure.unit}`, columns, plot.x.map((_, at) => at), { visible: false });
}

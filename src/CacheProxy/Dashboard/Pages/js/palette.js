/**
 * Colours of what is drawn, by name, from the style sheet; apart for every kind of colour vision, and each with a dash or a pattern of
 * its own, so that nothing is told by colour alone.
 */

/** @type {Record<string, number[]>} */
const DASHES = {
  saved: [2, 3], spent: [8, 4], overhead: [1, 5], net: [], time: [],
  hit: [], hitTail: [2, 3], 'miss-line': [8, 4], missTail: [12, 3, 2, 3],
  predicted: [6, 4], delivered: [], rate: [], error: [], interval: [2, 3], target: [8, 4],
};

/** Outcomes from the cheapest to the dearest, in which they are stacked. */
const PATTERNS = ['plain', 'rising', 'dots', 'falling', 'bare', 'cross'];

/** @param {string} name as in `--c-saved` */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--c-${name}`).trim();

/** @param {string} name */
export const dash = (name) => DASHES[name] ?? [];

/** @param {number} index of the layer in its stack */
export const patternName = (index) => PATTERNS[index % PATTERNS.length];

/**
 * @param {string} ink
 * @param {number} index of the layer in its stack
 * @returns {CanvasPattern | string}
 */
export function pattern(ink, index) {
  const side = 8;
  const tile = document.createElement('canvas');
  tile.width = side;
  tile.height = side;
  const context = tile.getContext('2d');
  if (!context || ['plain', 'bare'].includes(patternName(index))) {
    return ink;
  }

  context.fillStyle = ink;
  context.fillRect(0, 0, side, side);
  context.strokeStyle = colour('surface');
  context.globalAlpha = 0.5;
  context.lineWidth = 1.2;
  context.beginPath();
  strokes(patternName(index), side).forEach(([x1, y1, x2, y2]) => {
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
  });
  context.stroke();
  return context.createPattern(tile, 'repeat') ?? ink;
}

/**
 * @param {string} name
 * @param {number} n side of the tile
 * @returns {number[][]} lines that meet their neighbours' at the tile's edges
 */
function strokes(name, n) {
  const rising = [[-1, 1, 1, -1], [0, n, n, 0], [n - 1, n + 1, n + 1, n - 1]];
  const falling = rising.map(([x1, y1, x2, y2]) => [n - x1, y1, n - x2, y2]);
  switch (name) {
    case 'rising': return rising;
    case 'falling': return falling;
    case 'cross': return [...rising, ...falling];
    default: return [[n / 2 - 1, n / 2, n / 2 + 1, n / 2]];
  }
}

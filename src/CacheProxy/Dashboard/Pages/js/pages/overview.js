/** What was saved against what was spent, how often the cache answered, and how fast. */
import { get } from '../api.js';
import { fill, h } from '../dom.js';
import { show } from '../parts/states.js';
import { figuresQuery } from '../range.js';
import { charts } from './overview-charts.js';
import { tables, tiles } from './overview-summary.js';

/** @type {import('../shell/pages.js').PageModule['draw']} */
export function draw(place, { leave }) {
  const [sums, figures, more] = [h('div'), h('div'), h('div')];
  place.append(sums, figures, more);
  return () => {
    const query = figuresQuery();
    // The tables are drawn from what the tiles are, and a failure is said once.
    const draw = (/** @type {any} */ summary) => {
      fill(more, tables(summary));
      return tiles(summary);
    };
    show(sums, 'the sums', () => get('summary', query, leave), draw);
    show(figures, 'the charts', () => get('series', query, leave), charts);
  };
}

/** What was saved against what was spent, how often the cache answered, and how fast. */
import { get } from '../api.js';
import { h } from '../dom.js';
import { show } from '../parts/states.js';
import { figuresQuery } from '../range.js';
import { charts } from './overview-charts.js';
import { summary } from './overview-summary.js';

/** @type {import('../shell/pages.js').PageModule['draw']} */
export function draw(place, { leave }) {
  const [tiles, figures] = [h('div'), h('div')];
  place.append(tiles, figures);
  return () => {
    const query = figuresQuery();
    show(tiles, 'the sums', () => get('summary', query, leave), summary);
    show(figures, 'the charts', () => get('series', query, leave), charts);
  };
}

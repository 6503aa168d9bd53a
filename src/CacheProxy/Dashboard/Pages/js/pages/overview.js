/** What was saved against what was spent, how often the cache answered, and how fast. */
import { get } from '../api.js';
import { h } from '../dom.js';
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
    const summary = get('summary', query, leave);
    show(sums, 'the sums', () => summary, tiles);
    show(figures, 'the charts', () => get('series', query, leave), charts);
    show(more, 'the tables', () => summary, tables);
  };
}

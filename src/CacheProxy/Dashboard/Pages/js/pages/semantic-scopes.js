/** How often semantic hits were wrong, by tenant and model, and the end of a fall-back to exact hits. */
import { send } from '../api.js';
import { h } from '../dom.js';
import { count, percent } from '../format.js';
import { status } from '../parts/cards.js';
import { notify } from '../parts/notify.js';
import { empty } from '../parts/states.js';
import { table } from '../parts/table.js';
import { ago, moment } from '../time.js';

/**
 * @param {any} answer of /semantic
 * @param {import('../session.js').Session} session
 * @param {() => void} reload
 */
export function scopeErrors(answer, session, reload) {
  if (!answer.scopes.some((/** @type {any} */ row) => row.served > 0 || row.audited > 0)) {
    return [h('h2', {}, 'Measured errors'), empty('No semantic hit was served yet.', 'Hits are audited with the share ', h('code', {}, 'Semantic:AuditShare'), '.')];
  }

  const resume = async (/** @type {any} */ row) => {
    try {
      await send('POST', 'semantic/resume', { tenant: row.tenant, model: row.model, policy: row.policy });
      notify('Semantic hits are served again.');
      reload();
    } catch (error) {
      notify(error instanceof Error ? error.message : String(error), 'failed');
    }
  };
  const state = (/** @type {any} */ row) => (row.exact_only_since
    ? [status('bad', 'exact hits only'), h('span.muted', { title: moment(row.exact_only_since) }, ` since ${ago(row.exact_only_since)} `), session.can_write && h('button.button.small', { type: 'button', onclick: () => resume(row) }, 'Serve again')]
    : [row.served > 0 ? status('good', 'serves') : h('span.muted', { title: 'Semantic:Shadow: what it would have served is compared, and not served' }, 'only tried')]);
  const served = answer.scopes.filter((/** @type {any} */ row) => row.served > 0 || row.audited > 0 || row.exact_only_since);
  const rest = answer.scopes.length - served.length;
  return [table('Measured errors', [
    { key: 'tenant', title: 'Tenant', cell: (row) => row.tenant_name, order: (row) => row.tenant_name },
    { key: 'model', title: 'Model', cell: (row) => row.model, order: (row) => row.model },
    { key: 'policy', title: 'Policy', cell: (row) => row.policy, order: (row) => row.policy },
    { key: 'served', title: 'Served', figure: true, cell: (row) => count(row.served), order: (row) => row.served },
    { key: 'audited', title: 'Audited', figure: true, cell: (row) => count(row.audited), order: (row) => row.audited },
    { key: 'wrong', title: 'Wrong', figure: true, cell: (row) => count(row.wrong), order: (row) => row.wrong },
    { key: 'said', title: 'Said wrong', figure: true, cell: (row) => count(row.said_wrong), order: (row) => row.said_wrong, hint: 'By feedback' },
    { key: 'share', title: 'Share wrong', figure: true, cell: (row) => percent(row.wrong_of_served, 2), order: (row) => row.wrong_of_served },
    { key: 'interval', title: '95 % interval', figure: true, cell: (row) => ((row.wrong_of_served ?? null) === null ? '–' : `${percent(row.wrong_of_served_low, 2)} to ${percent(row.wrong_of_served_high, 2)}`) },
    { key: 'state', title: 'State', cell: (row) => h('span', {}, ...state(row)) },
  ], served, { name: 'sort-errors' }),
  rest > 0 && h('p.muted', {}, `${count(rest)} more were looked up for, and got no semantic hit.`)];
}

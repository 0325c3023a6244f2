import { closest } from '../closest.js';
import { effectsOf } from './check-names.js';
import type { PlaybookCheck } from './playbook-check.js';
import { isDynamic } from './static-value.js';

/** Rules 10 and 11: what may happen without people, and what people are asked. */
export function checkPolicy(check: PlaybookCheck): void {
  const { source, findings, invokes, model } = check;
  const policy = source.policy ?? {};
  const used = new Set([...invokes.map(({ source: { src } }) => src), ...model.states.flatMap(effectsOf).map(({ type }) => type)]);
  for (const { source: invoke, path } of invokes) {
    const action = check.action(invoke.src);
    if (action?.destructive && !Object.hasOwn(policy, invoke.src)) {
      findings.add('playbook.destructive_without_policy', [...path, 'src'], `'${invoke.src}' takes something away from someone, and 'policy' has no entry for it`);
    }
  }
  for (const [id, entry] of Object.entries(policy)) {
    const path = ['policy', id];
    const action = check.action(id);
    if (!action) {
      findings.add('playbook.unknown_action', path, `there is no action '${id}'${closest(id, check.actionIds())}`, 'key');
      continue;
    }
    if (!used.has(id)) findings.add('playbook.unused_policy', path, `the playbook never calls '${id}'`, 'key');
    const declined = 'none' in action.undo ? action.undo.none : undefined;
    if (entry.mode === 'auto' && action.destructive && (declined !== undefined || entry.undo === 'none')) {
      findings.add('playbook.irreversible_auto', [...path, 'mode'], `'${id}' cannot be taken back (${declined ?? 'undo: none'}), so it does not go without being asked`);
    }
    if (declined !== undefined && (entry.undo === 'auto' || entry.undo === 'ask')) findings.add('playbook.undo_unavailable', [...path, 'undo'], `'${id}' has no undo: ${declined}`);
  }
  checkApprovals(check);
}

function checkApprovals(check: PlaybookCheck): void {
  for (const { source: invoke, path } of check.invokes) {
    if (invoke.src !== 'core.approval') continue;
    const { onDeadline, approves } = invoke.input ?? {};
    if (onDeadline === undefined || (onDeadline !== 'approve' && !isDynamic(onDeadline))) continue;
    const all = approves === undefined ? [] : Array.isArray(approves) && !isDynamic(approves) ? approves : check.invokes.map(({ source }) => source.id);
    const destructive = check.invokes.filter(({ source }) => all.includes(source.id) && check.action(source.src)?.destructive).map(({ source }) => source.id);
    if (destructive.length > 0) check.findings.add('playbook.approve_by_default', [...path, 'input', 'onDeadline'], `silence would let ${destructive.join(', ')} happen`);
  }
}

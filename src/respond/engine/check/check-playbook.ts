import type { ActionDescription } from '../../../kernel/index.js';
import { Findings, type Finding } from '../finding.js';
import type { FindingCode } from '../finding-catalogue.js';
import type { PlaybookSource } from '../playbook-source.js';
import { readPlaybook, type ReadPlaybook } from '../read-playbook.js';
import { checkBranches } from './check-branches.js';
import { checkDelays } from './check-delays.js';
import { checkExpressions } from './check-expressions.js';
import { checkKinds } from './check-kinds.js';
import { checkNames } from './check-names.js';
import { checkObligations } from './check-obligations.js';
import { checkPolicy } from './check-policy.js';
import { checkStructure } from './check-structure.js';
import { checkWaits } from './check-waits.js';
import { PlaybookCheck } from './playbook-check.js';

/** States of one playbook; the checks walk each pair of them. */
const MAX_STATES = 500;

/**
 * Checks a playbook before it runs (format rules 1 to 15). Sound for structure: guards count as both true and false, so a
 * playbook without findings has no dead end and no wait for ever, whatever its guards give.
 * @param actions what can be called: those of the connectors, of the database and the built-ins
 */
export function checkPlaybook({ source, positions }: Pick<ReadPlaybook, 'source' | 'positions'>, actions: readonly ActionDescription[]): readonly Finding[] {
  const findings = new Findings(positions);
  const check = new PlaybookCheck(source, findings, new Map(actions.map((action) => [action.id, action])));
  if (check.model.states.length > MAX_STATES) {
    findings.add('playbook.too_large', ['machine'], `the machine has ${check.model.states.length} states; the limit is ${MAX_STATES}`);
    return findings.list();
  }
  for (const family of [checkNames, checkBranches, checkDelays, checkPolicy, checkExpressions, checkKinds]) family(check);
  // Where names or kinds are wrong, ways are missing, and what follows from them would only repeat it.
  const unclear: readonly FindingCode[] = ['playbook.unknown_target', 'playbook.state_kind', 'playbook.missing_key'];
  if (!findings.list().some(({ code }) => unclear.includes(code))) {
    for (const family of [checkStructure, checkWaits, checkObligations]) family(check);
  }
  return findings.list();
}

export type CheckedText =
  | { readonly ok: true; readonly source: PlaybookSource; readonly hash: string; readonly findings: readonly Finding[] }
  | { readonly ok: false; readonly source?: PlaybookSource; readonly findings: readonly Finding[] };

/** Reads and checks the text of a playbook. Whatever the text is, it throws nothing; warnings alone leave it `ok`. */
export function checkPlaybookText(text: string, actions: readonly ActionDescription[]): CheckedText {
  const read = readPlaybook(text);
  if (!read.ok) return read;
  const findings = checkPlaybook(read, actions);
  const { source, hash } = read;
  return findings.some(({ severity }) => severity === 'error') ? { ok: false, source, findings } : { ok: true, source, hash, findings };
}

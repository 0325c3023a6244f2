import { CRITICALITIES } from '../../kernel/index.js';
import type { Subject } from './circumstances.js';
import type { Case } from './case.js';
import type { ProtectionPolicy } from './governor-policy.js';
import type { Opinion } from './opinion.js';

/** Whom destructive actions do not hit, or not without a person. What context does not know is never taken for "not protected". */
export function judgeProtection({ request: { action }, policy, circumstances: { subjects } }: Case): Opinion[] {
  if (!action.destructive) return [];
  if (subjects.length === 0) return [{ decision: 'ask', reason: `${action.id} does not say whom it acts on, so nobody can be protected from it` }];
  return subjects.flatMap((subject) => judgeSubject(subject, policy.protected));
}

function judgeSubject(subject: Subject, { breakGlass, criticality }: ProtectionPolicy): Opinion[] {
  const name = `${subject.entity.type} ${subject.entity.value}`;
  const opinions: Opinion[] = [];
  if (subject.listed.includes('own')) opinions.push({ decision: 'refuse', reason: `${name} is an account that Cordon itself works with (respond.protected.own)` });
  if (subject.listed.includes('refuse')) opinions.push({ decision: 'refuse', reason: `${name} is protected (respond.protected.refuse)` });
  if (subject.breakGlass === 'yes') opinions.push({ decision: breakGlass, reason: `${name} is a break-glass identity: ${subject.breakGlassWhy}` });
  if (subject.listed.includes('ask')) opinions.push({ decision: 'ask', reason: `${name} is protected (respond.protected.ask)` });
  if (subject.criticality !== null && CRITICALITIES.indexOf(subject.criticality) >= CRITICALITIES.indexOf(criticality)) {
    opinions.push({ decision: 'ask', reason: `context states criticality ${subject.criticality} for ${name}` });
  }
  if (subject.breakGlass === 'unknown') opinions.push({ decision: 'ask', reason: `it is not known whether ${name} is a break-glass identity: ${subject.breakGlassWhy}` });
  return opinions;
}

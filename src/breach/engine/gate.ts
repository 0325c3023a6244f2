import type { FindingDomains, Gate } from './regime.js';

/** Facts of a case by name; absent or `unknown` is unknown. */
export type CaseFacts = Readonly<Record<string, string>>;

export interface GateAnswer {
  readonly applies: 'yes' | 'no' | 'unknown';
  /** Each test that was made, for the record. */
  readonly trace: readonly string[];
}

export const UNKNOWN = 'unknown';

/** Whether a duty applies. Unknown never becomes "no", and neither does a value that the domain does not have. */
export function evaluateGate(gate: Gate, facts: CaseFacts, domains: FindingDomains): GateAnswer {
  if (gate.type === 'always') return { applies: 'yes', trace: ['always applies'] };
  if (gate.type === 'in') {
    const given = facts[gate.fact] ?? UNKNOWN;
    const value = domains[gate.fact]?.includes(given) ? given : UNKNOWN;
    const applies = value === UNKNOWN ? 'unknown' : gate.values.includes(value) ? 'yes' : 'no';
    return { applies, trace: [`${gate.fact} is ${value}, asked: ${gate.values.join(' or ')}`] };
  }
  const answers = gate.of.map((part) => evaluateGate(part, facts, domains));
  const applies = answers.some((answer) => answer.applies === 'no') ? 'no' : answers.every((answer) => answer.applies === 'yes') ? 'yes' : 'unknown';
  return { applies, trace: answers.flatMap(({ trace }) => trace) };
}

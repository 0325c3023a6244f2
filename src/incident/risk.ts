import type { Criticality, Level } from '../kernel/index.js';

/** What the risk of an incident is reckoned from, beside its level and tags. */
export interface Grounds {
  readonly rules: readonly string[];
  /** Configured sources of the cited events: sensors that saw it. */
  readonly sources: readonly string[];
  readonly dataClasses: readonly string[];
  /** Highest criticality that context states of the subject; null where it states none. */
  readonly criticality: Criticality | null;
  /** Whether context states that the subject is leaving or has left. */
  readonly leaving: boolean;
}

export const RISK_PARTS = ['level', 'rules', 'sources', 'tactics', 'criticality', 'leaver', 'data'] as const;

export interface RiskPart {
  readonly name: (typeof RISK_PARTS)[number];
  readonly points: number;
  /** Why it has these points, for people. */
  readonly reason: string;
}

const LEVEL_POINTS: Readonly<Record<Level, number>> = { informational: 2, low: 10, medium: 25, high: 40, critical: 45 };
const RULE_POINTS = 5;
const MOST_RULE_POINTS = 10;
const SECOND_SOURCE = 10;
const MORE_SOURCES = 15;
const TACTICS_POINTS = 5;
const CRITICALITY_POINTS: Readonly<Record<Criticality, number>> = { low: 0, medium: 3, high: 7, critical: 10 };
const LEAVER_POINTS = 10;
const DATA_POINTS = 5;

/** ATT&CK tactics as Sigma tags write them. */
const TACTICS: ReadonlySet<string> = new Set([
  'reconnaissance', 'resource-development', 'initial-access', 'execution', 'persistence', 'privilege-escalation', 'defense-evasion', 'stealth', 'impair-defenses',
  'credential-access', 'discovery', 'lateral-movement', 'collection', 'command-and-control', 'exfiltration', 'impact',
]);

/**
 * Risk of an incident as parts whose sum is the risk. The most of all parts together is 100, so nothing is cut off. It
 * depends on nothing but what it is given; docs/how-to/incidents.md has the table.
 */
export function riskOf({ level, tags, grounds }: { level: Level; tags: readonly string[]; grounds: Grounds }): RiskPart[] {
  const { rules, sources, dataClasses, criticality, leaving } = grounds;
  const tactics = tags.filter((tag) => TACTICS.has(tag));
  const parts: RiskPart[] = [
    { name: 'level', points: LEVEL_POINTS[level], reason: `highest level of its signals is ${level}` },
    { name: 'rules', points: Math.min(RULE_POINTS * (rules.length - 1), MOST_RULE_POINTS), reason: `${rules.length} different rules fired` },
    { name: 'sources', points: sources.length > 2 ? MORE_SOURCES : sources.length === 2 ? SECOND_SOURCE : 0, reason: `seen by ${sources.length} sources: ${sources.join(', ')}` },
    { name: 'tactics', points: tactics.length > 1 ? TACTICS_POINTS : 0, reason: `several tactics: ${tactics.join(', ')}` },
    { name: 'criticality', points: criticality === null ? 0 : CRITICALITY_POINTS[criticality], reason: `context states criticality ${criticality ?? 'unknown'}` },
    { name: 'leaver', points: leaving ? LEAVER_POINTS : 0, reason: 'context states that the subject is leaving or has left' },
    { name: 'data', points: dataClasses.length > 0 ? DATA_POINTS : 0, reason: `classified data: ${dataClasses.join(', ')}` },
  ];
  return parts.filter(({ points }) => points > 0);
}

import type { Level } from '../../kernel/index.js';

/** `event.severity` of each level: the scale of Elastic's detection rules; informational lies below low. */
export const SEVERITY: Readonly<Record<Level, number>> = { informational: 10, low: 21, medium: 47, high: 73, critical: 99 };

const LEVEL_OF_WORD: Readonly<Record<string, Level>> = {
  informational: 'informational', information: 'informational', info: 'informational', none: 'informational', notice: 'informational',
  low: 'low', minor: 'low',
  medium: 'medium', med: 'medium', moderate: 'medium', warning: 'medium',
  high: 'high', major: 'high', important: 'high',
  critical: 'critical', crit: 'critical', severe: 'critical', fatal: 'critical',
};

/**
 * The number for a vendor's severity word, whatever its case. `words` adds or overrides words of one vendor. Undefined for
 * a word that is not known: no severity is better than a wrong one.
 */
export function severityOf(word: string, words: Readonly<Record<string, Level>> = {}): number | undefined {
  const key = word.trim().toLowerCase();
  const level = Object.hasOwn(words, key) ? words[key] : Object.hasOwn(LEVEL_OF_WORD, key) ? LEVEL_OF_WORD[key] : undefined;
  return level === undefined ? undefined : SEVERITY[level];
}

import path from 'node:path';
import type { ResolvedConfig } from '../config/index.js';
import type { LogWriter, Metrics } from '../platform/index.js';
import type { detectLogEvents } from './detect.log-events.js';
import type { detectMetrics } from './detect.metrics.js';
import { loadRules, readRuleFiles, type RuleSet } from './engine/index.js';

/** A rule in force, as the API lists it. */
export interface RuleSummary {
  readonly id: string;
  readonly title: string;
  readonly kind: 'rule' | 'correlation';
  readonly level: string;
  readonly tags: readonly string[];
  /** sha256 of its source, as signals name it. */
  readonly version: string;
}

/** The rules that the configuration names, compiled once at start. A refused rule is reported and left out; the others work. */
export class RuleLibrary {
  private constructor(readonly ruleSet: RuleSet) {}

  /** @throws CordonError `rules.not_readable` for a folder that is not there */
  static async load({ detect, root }: Pick<ResolvedConfig, 'detect' | 'root'>): Promise<RuleLibrary> {
    const files = await readRuleFiles(detect.rules.map((entry) => path.resolve(root, entry)));
    return new RuleLibrary(loadRules(files, { placeholders: new Map(Object.entries(detect.placeholders)) }));
  }

  report(log: LogWriter<typeof detectLogEvents>, metrics: Metrics<typeof detectMetrics>): void {
    const { rules, correlations, refused } = this.ruleSet;
    for (const { file, document, code, message, line } of refused) log('detect.rule_refused', { file, document, line, code, reason: message });
    log('detect.rules_loaded', { rules: rules.length, correlations: correlations.length, refused: refused.length });
    metrics.cordon_detect_rules.set({ kind: 'rule' }, rules.length);
    metrics.cordon_detect_rules.set({ kind: 'correlation' }, correlations.length);
    metrics.cordon_detect_rules.set({ kind: 'refused' }, refused.length);
  }

  list(): RuleSummary[] {
    const { rules, correlations } = this.ruleSet;
    const summary = (kind: RuleSummary['kind']) => ({ id, title, level, tags, version }: Omit<RuleSummary, 'kind'>): RuleSummary => ({ id, title, kind, level, tags, version });
    return [...rules.map(summary('rule')), ...correlations.map(summary('correlation'))];
  }
}

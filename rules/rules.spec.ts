import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runRuleTests } from '../src/cli/run-rule-tests.js';
import { loadRules, readRuleFiles } from '../src/detect/engine/index.js';

const folder = import.meta.dirname;
const files = await readRuleFiles([folder]);
const ruleSet = loadRules(files);
const results = await runRuleTests([folder]);

describe('shipped rules', () => {
  it('compile without a warning', () => {
    expect(ruleSet.refused).toEqual([]);
    expect(ruleSet.warnings).toEqual([]);
    expect(ruleSet.compiled.length).toBeGreaterThan(0);
  });

  it.each(files.map(({ file }) => path.relative(folder, file)))('%s has tests', (file) => {
    expect(existsSync(path.join(folder, file.replace(/\.yml$/, '.tests.yml')))).toBe(true);
  });

  it('say what they mean: technique, weakness or sensor, and when they are wrong', () => {
    const referred = new Set(ruleSet.correlations.flatMap(({ rules }) => rules));
    const alerting = [...ruleSet.rules, ...ruleSet.correlations].filter(({ id }) => !referred.has(id));
    for (const { name, tags } of alerting) expect({ name, attack: tags.some((tag) => /^attack\.t\d{4}/.test(tag)) }).toEqual({ name, attack: true });
    for (const rule of ruleSet.rules.filter(({ id }) => !referred.has(id))) {
      expect({ name: rule.name, noted: rule.falsePositives.length > 0 }).toEqual({ name: rule.name, noted: true });
    }
  });
});

describe.each(results.map(({ file, tests }) => [path.relative(folder, file), tests] as const))('%s', (_file, tests) => {
  it.each(tests.map((test) => [test.name, test] as const))('%s', (_name, test) => {
    expect(test.fired).toEqual(test.expected);
  });

  it('has a test that fires and one that does not', () => {
    expect(tests.some(({ expected }) => Object.keys(expected).length > 0)).toBe(true);
    expect(tests.some(({ expected }) => Object.keys(expected).length === 0)).toBe(true);
  });
});

describe('docs/how-to/first-rule.md', () => {
  const text = readFileSync(path.join(folder, '../docs/how-to/first-rule.md'), 'utf8');
  const [rule, tests] = [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map((match) => match[1]!);

  async function run(ruleText: string) {
    const scratch = mkdtempSync(path.join(tmpdir(), 'cordon-first-rule-'));
    try {
      writeFileSync(path.join(scratch, 'first.yml'), ruleText);
      writeFileSync(path.join(scratch, 'first.tests.yml'), tests!);
      return (await runRuleTests([scratch]))[0]!.tests;
    } finally {
      rmSync(scratch, { recursive: true });
    }
  }

  it('shows a rule and tests that pass', async () => {
    expect((await run(rule!)).map(({ passed }) => passed)).toEqual([true, true]);
  });

  it('shows tests that fail when the threshold moves', async () => {
    expect((await run(rule!.replace('gt: 5', 'gt: 6')))[0]).toMatchObject({ passed: false, expected: { many_deletes: 1 }, fired: {} });
  });
});

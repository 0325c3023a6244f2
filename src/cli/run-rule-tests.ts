import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { connectors } from '../connectors.js';
import { loadRules, readRuleFiles, type RuleSet } from '../detect/engine/index.js';
import { parseRuleTests, ruleTestErrors, runRuleTest, type NormaliseTestRecord, type RuleTestResult } from '../detect/rule-tests/index.js';
import { StreamRegistry } from '../normalise/index.js';
import { normaliseRecord } from '../sdk/index.js';

export interface RuleTestFileResult {
  readonly file: string;
  readonly tests: readonly RuleTestResult[];
}

const SUFFIX = /\.tests\.ya?ml$/;

/**
 * Runs the tests beside the rules at `paths` (files or folders), each against the rule file of the same name alone.
 * @throws {CordonError} `rules.test_invalid` for a test file, or a rule file beside it, that cannot be used
 */
export async function runRuleTests(paths: readonly string[]): Promise<RuleTestFileResult[]> {
  const results: RuleTestFileResult[] = [];
  for (const file of (await Promise.all(paths.map(testFilesAt))).flat()) {
    const tests = parseRuleTests(file, await readFile(file, 'utf8'));
    const ruleSet = await rulesBeside(file);
    results.push({ file, tests: tests.tests.map((test) => runRuleTest(test, tests, ruleSet, normalise)) });
  }
  return results;
}

/** `x.yml` and `x.tests.yml` both stand for the latter. */
async function testFilesAt(given: string): Promise<string[]> {
  const status = await stat(given).catch((error: unknown) => {
    throw ruleTestErrors.create('rules.test_invalid', { detail: `${given}: ${error instanceof Error ? error.message : String(error)}`, cause: error });
  });
  if (!status.isDirectory()) return [SUFFIX.test(given) ? given : given.replace(/\.(ya?ml)$/, '.tests.$1')];
  const names = await readdir(given, { recursive: true });
  return names.filter((name) => SUFFIX.test(name)).sort().map((name) => path.join(given, name));
}

async function rulesBeside(file: string): Promise<RuleSet> {
  const rules = file.replace(/\.tests(\.ya?ml)$/, '$1');
  if (!existsSync(rules)) throw ruleTestErrors.create('rules.test_invalid', { detail: `${file}: there is no ${rules}` });
  const ruleSet = loadRules(await readRuleFiles([rules]));
  const [refused] = ruleSet.refused;
  if (refused) throw ruleTestErrors.create('rules.test_invalid', { detail: `${rules} does not compile: ${refused.message}` });
  return ruleSet;
}

const streams = new StreamRegistry(connectors);

/** Through the mapping that live records take, so that a test notices when a field moves. */
const normalise: NormaliseTestRecord = (stream, record, time) => {
  const source = streams.require(stream);
  const result = normaliseRecord(source, Buffer.from(JSON.stringify(record)), { receivedAt: time, recordId: 'test' });
  if (result.kind === 'event') return { document: result.document, logsources: source.logsources };
  const why = result.kind === 'dropped' ? result.reason : JSON.stringify(result.document['error']);
  throw ruleTestErrors.create('rules.test_invalid', { detail: `a record is no event of ${stream}: ${why}` });
};

// Events a second of the rule matcher at 10, 100 and all rules of ../shared/sigma, against a matcher that evaluates
// every rule whose logsource fits, without index. Exits 3 where the data is absent.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { interleaved, rateOf } from './lib/interleaved.mjs';
import { sigmaData } from './lib/sigma-data.mjs';

const LEAST_RULES = 560;
const ROUND_MS = 400;
const built = (file) => import(pathToFileURL(path.resolve(import.meta.dirname, '../dist/src/detect/engine', file)).href);

export default async function run() {
  const data = sigmaData();
  if (data === undefined) {
    process.exitCode = 3;
    return undefined;
  }
  const { loadRules, readRuleFiles } = await built('index.js');
  const files = await readRuleFiles([data.rules]);
  const loadStart = performance.now();
  const { rules, refused } = loadRules(files);
  const loadMs = performance.now() - loadStart;
  if (rules.length < LEAST_RULES) throw new Error(`only ${rules.length} rules compile, at least ${LEAST_RULES} must`);
  const sizes = [10, 100, rules.length];
  const results = [];
  for (const size of sizes) results.push(await measure(spread(rules, size), data.events));
  return { bench: 'detect', node: process.version, rules: rules.length, refused: refused.length, events: data.events.length, loadMs: Math.round(loadMs), results };
}

async function measure(rules, events) {
  const { RuleMatcher } = await built('index.js');
  const matcher = new RuleMatcher(rules);
  const naive = await naiveMatcher(rules);
  const count = (match) => events.reduce((sum, { event, logsources }) => sum + match(event, logsources), 0);
  const ours = (event, logsources) => matcher.match(event, logsources).length;
  const matches = count(ours);
  if (count(naive) !== matches) throw new Error('matcher and reference disagree');
  const rates = await interleaved({
    engine: () => rateOf(() => count(ours), events.length, ROUND_MS),
    reference: () => rateOf(() => count(naive), events.length, ROUND_MS),
  });
  return {
    rules: rules.length, matches, eventsPerSecond: Math.round(rates.engine), referenceEventsPerSecond: Math.round(rates.reference),
    ratio: Number((rates.engine / rates.reference).toFixed(2)),
  };
}

/** Every rule looks the event over by itself. */
async function naiveMatcher(rules) {
  const [{ compileExpression }, { EventView, FieldTable }, { covers }] = await Promise.all([built('evaluator.js'), built('event-view.js'), built('sigma-rule.js')]);
  const compiled = rules.map((rule) => {
    const table = new FieldTable();
    return { rule, table, evaluator: compileExpression(rule.expression, table) };
  });
  return (event, logsources) => compiled.filter(({ rule, table, evaluator }) => logsources.some((source) => covers(rule.logsource, source))
    && evaluator.test(new EventView(event, table))).length;
}

/** `size` rules taken evenly from all, so that few rules still cover all logsources. */
function spread(rules, size) {
  return Array.from({ length: size }, (_, i) => rules[Math.floor((i * rules.length) / size)]);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const result = await run();
  if (result !== undefined) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
}

// Runs the gates one after the other, each with a log of its own, and prints one table. Options: `--only NAME` (may be
// repeated) runs those gates alone; `--logs DIR` says where the logs go.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { countsOf } from './counts.mjs';
import { runStep } from './run-step.mjs';

const MINUTE = 60_000;
const LIMIT = 29 * MINUTE;

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true }, logs: { type: 'string' } } });
const root = path.resolve(import.meta.dirname, '../..');
const logs = path.resolve(values.logs ?? mkdtempSync(path.join(os.tmpdir(), 'cordon-ci-')));
mkdirSync(logs, { recursive: true });

const gate = (name, command, options = {}) => ({ name, command, minutes: 5, counts: 'gate', ...options });
const script = (file, ...args) => ['node', `scripts/ci/${file}`, ...args];

const steps = [
  gate('packages', script('debian-packages.mjs')),
  gate('install', ['npm', 'ci', '--include=dev'], { needed: true }),
  gate('build', ['npm', 'run', 'build'], { needed: true }),
  gate('typecheck', ['npm', 'run', 'typecheck']),
  gate('lint', ['npm', 'run', 'lint']),
  gate('thresholds', ['node', 'scripts/check-thresholds.mjs']),
  gate('test', ['npm', 'test'], { counts: 'jest', minutes: 12 }),
  gate('postgresql-15', script('on-postgresql-15.mjs'), { counts: 'jest', minutes: 8 }),
  gate('boot', script('boot.mjs'), { minutes: 6 }),
  gate('conformance', script('conformance.mjs'), { counts: 'lines', minutes: 8, when: () => existsSync(path.join(root, '../shared/conformance/all.mjs')) }),
];

const deadline = Date.now() + LIMIT;
const rows = [];
let stopped = false;
for (const step of steps.filter(({ name }) => !values.only || values.only.includes(name))) {
  if (step.when && !step.when()) rows.push({ name: step.name, state: 'not here', passed: 0, failed: 0, seconds: 0 });
  else if (stopped) rows.push({ name: step.name, state: 'not run', passed: 0, failed: 1, seconds: 0 });
  else rows.push(await run(step));
  stopped ||= step.needed === true && rows.at(-1).failed > 0;
}

const width = Math.max(...rows.map(({ name }) => name.length));
console.log(`\n${'gate'.padEnd(width)}  state      passed  failed  seconds`);
for (const { name, state, passed, failed, seconds } of rows) {
  console.log(`${name.padEnd(width)}  ${state.padEnd(9)} ${String(passed).padStart(7)} ${String(failed).padStart(7)} ${seconds.toFixed(0).padStart(8)}`);
}
const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
console.log(`logs: ${logs}`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') > 0 ? 1 : 0;

async function run({ name, command, minutes, counts }) {
  const log = path.join(logs, `${name}.log`);
  rmSync(log, { force: true });
  console.log(`${name}: ${command.join(' ')}`);
  const started = Date.now();
  const timeout = Math.max(1000, Math.min(minutes * MINUTE, deadline - started));
  const { code, output, timedOut } = await runStep(command, { cwd: root, log, timeout });
  const counted = countsOf(counts, output, code === 0 && !timedOut);
  if (counted.failed > 0) console.log(output.trimEnd().split('\n').slice(-60).map((line) => `  ${line}`).join('\n'));
  return { name, state: timedOut ? 'timed out' : counted.failed > 0 ? 'FAILED' : 'passed', ...counted, seconds: (Date.now() - started) / 1000 };
}

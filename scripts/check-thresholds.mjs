// The conformance thresholds and the list of required streams only rise: compares them with every committed version.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fallsBetween } from './lib/threshold-ratchet.mjs';

const root = path.resolve(import.meta.dirname, '..');
const files = { checks: 'test/conformance/thresholds.json', streams: 'test/conformance/streams.json' };
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

const current = readAll((file) => readFileSync(path.join(root, file), 'utf8'));
const commits = git('log', '--format=%H', '--', ...Object.values(files)).split('\n').filter(Boolean);
const falls = commits.flatMap((commit) => fallsBetween(versionAt(commit), current).map((fall) => `${fall} (since ${commit.slice(0, 10)})`));

for (const fall of falls) console.error(fall);
console.log(`${commits.length} committed versions compared, ${falls.length} falls`);
process.exitCode = falls.length > 0 ? 1 : 0;

function versionAt(commit) {
  return readAll((file) => {
    try {
      return git('show', `${commit}:${file}`);
    } catch {
      return undefined;
    }
  });
}

function readAll(read) {
  const parse = (text, empty) => (text === undefined ? empty : JSON.parse(text));
  return { checks: parse(read(files.checks), {}), streams: parse(read(files.streams), []) };
}

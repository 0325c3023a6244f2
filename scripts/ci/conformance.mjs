// Runs the conformance kit beside the project with the project's own thresholds. A stream that `normalise --list` no
// longer names, or names without standing in the list of required streams, is a failure of its own.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const kit = path.join(root, '../shared/conformance/all.mjs');
const required = JSON.parse(readFileSync(path.join(root, 'test/conformance/streams.json'), 'utf8'));

const listed = execFileSync(process.execPath, ['dist/src/cli/main.js', 'normalise', '--list'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter(Boolean)
  .map((line) => line.split('\t')[0]);
const dropped = required.filter((stream) => !listed.includes(stream));
const unlisted = listed.filter((stream) => !required.includes(stream));
for (const stream of dropped) console.log(`${stream} is required (test/conformance/streams.json) and not supported`);
for (const stream of unlisted) console.log(`${stream} is supported: add it to test/conformance/streams.json`);
console.log(`${required.length - dropped.length} passed, ${dropped.length + unlisted.length} failed`);

const { status } = spawnSync(process.execPath, [kit, '--no-skip', '--thresholds', 'test/conformance/thresholds.json'], { cwd: root, stdio: 'inherit' });
process.exitCode = dropped.length + unlisted.length > 0 ? 1 : (status ?? 1);

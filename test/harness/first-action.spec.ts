import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, it } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '../..');
/** A name of its own: the folder stands among the connectors for as long as the test runs. */
const folder = path.join(root, 'connectors', `acme-${process.pid}`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('docs/how-to/first-action.md leads to an action that keeps the contract', () => {
  const blocks = [...readFileSync(path.join(root, 'docs/how-to/first-action.md'), 'utf8').matchAll(/^```ts\n\/\/ connectors\/acme\/(\S+)\n([\s\S]*?)^```/gm)];
  expect(blocks.map(([, file]) => file)).toEqual(['config.ts', 'actions/lock-badge.ts', 'connector.ts', 'acme.spec.ts']);
  for (const [, file, text] of blocks) {
    mkdirSync(path.dirname(path.join(folder, file!)), { recursive: true });
    writeFileSync(path.join(folder, file!), text!);
  }
  const jest = path.join(root, 'node_modules/jest/bin/jest.js');
  const { status, stderr } = spawnSync(process.execPath, [jest, path.relative(root, folder), '--selectProjects', 'unit', '--no-cache'], { cwd: root, encoding: 'utf8' });
  expect({ status, failed: /Tests: .*failed/.exec(stderr)?.[0] ?? stderr.slice(-2000) }).toMatchObject({ status: 0 });
  expect(stderr).toMatch(/Tests: +2[0-9] passed/);
});

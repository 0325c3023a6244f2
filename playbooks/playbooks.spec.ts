import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { checkPlaybooks } from '../src/cli/check-playbooks.js';
import { knownActions } from '../src/cli/known-actions.js';
import { runPlaybookTests } from '../src/cli/run-playbook-tests.js';
import { withReadmePart } from '../src/respond/engine/diagram/index.js';
import { readPlaybook } from '../src/respond/engine/read-playbook.js';

const names = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
const inFolder = (name: string, file: string) => path.join(import.meta.dirname, name, file);
const textOf = (name: string, file: string) => readFileSync(inFolder(name, file), 'utf8');

describe.each(names)('the playbook %s', (name) => {
  const file = inFolder(name, 'playbook.yaml');

  it('has no finding', async () => {
    for await (const { findings } of checkPlaybooks([file], knownActions, true)) expect(findings).toEqual([]);
  });

  it('does in its scenarios what they expect, and they pass through all of it', async () => {
    const { tests, coverage } = await runPlaybookTests(file, []);
    expect(tests.filter(({ differences }) => differences.length > 0).map(({ title, differences }) => ({ title, differences }))).toEqual([]);
    expect({ missed: coverage.states.missed, transitions: coverage.transitions.percent >= 90 }).toEqual({ missed: [], transitions: true });
  });

  it('has a README that shows it as it is', () => {
    const read = readPlaybook(textOf(name, 'playbook.yaml'));
    if (!read.ok) throw new Error('it is no playbook');
    expect(read.source.id).toBe(name);
    const readme = textOf(name, 'README.md');
    expect({ readme, remedy: 'npm run build && npm run docs' }).toEqual({ readme: withReadmePart(readme, read.source), remedy: expect.any(String) });
  });
});

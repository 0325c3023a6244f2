import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ResolvedConfig } from '../../config/index.js';
import { FIXTURE_ACTIONS } from '../engine/fixtures/actions.js';
import { PlaybookLibrary } from './playbook-library.js';

const playbook = (id: string, machine: string, head = '') => `format: cordon.playbook/1
id: ${id}
version: 1.0.0
title: A test
trigger: { on: manual }
context: { schema: { type: object, properties: { n: { type: integer } } }, initial: { n: 0 } }
${head}
machine: ${machine}
`;
const END = 'fine: { type: final, outcome: contained }';
const WAITS = `{ initial: wait, states: { wait: { after: { PT1H: fine } }, ${END} } }`;

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'cordon-library-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function load(files: Readonly<Record<string, string>>): Promise<PlaybookLibrary> {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.join(root, 'books', name), { recursive: true });
    writeFileSync(path.join(root, 'books', name, 'playbook.yaml'), text);
  }
  return PlaybookLibrary.load({ root, respond: { playbooks: ['books', 'none'] } } as unknown as Pick<ResolvedConfig, 'respond' | 'root'>, FIXTURE_ACTIONS);
}

const active = ({ playbooks }: PlaybookLibrary) => playbooks.map(({ source }) => source.id);

describe('the playbooks of the configured folders', () => {
  it('are checked against the actions of the build, and one with an error is left out by name of line, finding and remedy', async () => {
    const library = await load({
      good: playbook('good', WAITS),
      waiting: playbook('waiting', `{ initial: wait, states: { wait: { on: { manual.go: fine } }, ${END} } }`),
      unknown: playbook('unknown', `{ initial: call, states: { call: { invoke: { id: x, src: scim.deactivate-usr, input: {}, onDone: fine, onError: fine } }, ${END} } }`),
      broken: 'format: cordon.playbook/1',
    });
    expect(active(library)).toEqual(['good']);
    expect(library.refused).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ at: expect.stringMatching(/^books\/waiting\/playbook\.yaml:8:\d+$/), code: 'playbook.wait_without_deadline', remedy: expect.stringContaining('after') }),
        expect.objectContaining({ at: expect.stringMatching(/^books\/unknown\/playbook\.yaml:8:\d+$/), code: 'playbook.unknown_action', reason: expect.stringContaining('scim.deactivate-usr') }),
        expect.objectContaining({ at: expect.stringMatching(/^books\/broken\/playbook\.yaml:\d+:\d+$/) }),
      ]),
    );
  });

  it('know the actions of the database', async () => {
    const call = `{ initial: call, states: { call: { invoke: { id: x, src: breach.open, input: { incident: 01890000-0000-7000-8000-000000000000 }, onDone: fine, onError: fine } }, ${END} } }`;
    expect(active(await load({ one: playbook('one', call) }))).toEqual(['one']);
  });

  it('run with what is merely odd, and report it', async () => {
    const library = await load({ one: playbook('one', WAITS, 'policy: { breach.open: { mode: auto } }') });
    expect(active(library)).toEqual(['one']);
    expect(library.refused).toEqual([]);
    expect(library.warnings).toMatchObject([{ at: expect.stringContaining('one/playbook.yaml:7:'), code: 'playbook.unused_policy' }]);
  });

  it('have one playbook an id, and no timer of a clock that is not there', async () => {
    const library = await load({ a: playbook('one', WAITS), b: playbook('one', WAITS), c: playbook('late', `{ initial: wait, states: { wait: { after: { PT1H: { target: fine, clock: business } } }, ${END} } }`) });
    expect(active(library)).toEqual(['one']);
    expect(library.refused).toMatchObject([
      { at: path.join('books', 'b', 'playbook.yaml'), reason: 'there is another playbook one' },
      { at: path.join('books', 'c', 'playbook.yaml'), reason: expect.stringContaining('business clock') },
    ]);
  });
});

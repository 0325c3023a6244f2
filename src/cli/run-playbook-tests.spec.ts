import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runPlaybookTests } from './run-playbook-tests.js';

const PLAYBOOK = `
format: cordon.playbook/1
id: p
version: 1.0.0
title: P
trigger: { on: manual }
context: { schema: { type: object, properties: {} }, initial: {} }
machine:
  initial: a
  states:
    a: { on: { manual.go: done }, after: { PT1H: done } }
    done: { type: final, outcome: contained }
`;

let folder: string;
const file = (name: string) => path.join(folder, name);
const put = (name: string, text: string) => writeFileSync(file(name), text);

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cordon-playbook-'));
  mkdirSync(file('scenarios'));
  put('playbook.yaml', PLAYBOOK);
});
afterEach(() => rmSync(folder, { recursive: true }));

const refusal = (code: string, message: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(message) }) as never;

describe('tests of a playbook', () => {
  it('are the scenarios beside it, and count what they pass', async () => {
    put('scenarios/b.yaml', 'title: waits\nevent: {}\nhappens: [{ after: PT59M }]\nexpect: { final: done }');
    put('scenarios/a.yaml', 'title: goes\nevent: {}\nhappens: [{ event: manual.go }]\nexpect: { final: done }');
    const { tests, coverage } = await runPlaybookTests(file('playbook.yaml'), []);
    expect(tests.map(({ title, differences }) => [title, differences.length])).toEqual([['goes', 0], ['waits', 1]]);
    expect(coverage).toMatchObject({ states: { percent: 100 }, transitions: { percent: 50, missed: ['a: after PT1H'] } });
  });

  it('are those named, where some are', async () => {
    put('one.yaml', 'title: goes\nevent: {}\nexpect: { final: a }');
    expect((await runPlaybookTests(file('playbook.yaml'), [file('one.yaml')])).tests).toMatchObject([{ title: 'goes', differences: [] }]);
  });

  it('are refused where there is none, or no playbook', async () => {
    await expect(runPlaybookTests(file('playbook.yaml'), [])).rejects.toEqual(refusal('respond.scenario_invalid', /scenarios/));
    await expect(runPlaybookTests(file('playbook.yaml'), [file('none.yaml')])).rejects.toEqual(refusal('respond.scenario_invalid', /none\.yaml/));
    await expect(runPlaybookTests(file('nothing.yaml'), [])).rejects.toEqual(refusal('respond.playbook_invalid', /nothing\.yaml/));
    put('playbook.yaml', PLAYBOOK.replace('title: P', 'titel: P'));
    await expect(runPlaybookTests(file('playbook.yaml'), [])).rejects.toEqual(refusal('respond.playbook_invalid', /playbook\.yaml:2:1: 'title' is missing \(and 1 more\)/));
    put('playbook.yaml', PLAYBOOK.replace('manual.go: done', 'manual.go: nowhere'));
    put('scenarios/a.yaml', 'title: goes\nevent: {}\nexpect: {}');
    await expect(runPlaybookTests(file('playbook.yaml'), [])).rejects.toEqual(refusal('respond.playbook_invalid', /nowhere/));
  });
});

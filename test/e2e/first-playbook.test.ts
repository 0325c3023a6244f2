import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const text = readFileSync(path.resolve('docs/how-to/first-playbook.md'), 'utf8');
const files = [...text.matchAll(/^`(playbooks\/\S+\.yaml)`:\n\n```yaml\n([\s\S]*?)^```/gm)].map(([, file, content]) => ({ file: file!, content: content! }));
const commands = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) => match[1]!.trim());
const cli = path.resolve('dist/src/cli/main.js');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cordon-guide-'));
  for (const { file, content } of files) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), content);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (command: string) => execFileSync(process.execPath, [cli, ...command.replace(/^npx cordon /, '').split(' ')], { cwd: folder, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });

describe('docs/how-to/first-playbook.md', () => {
  it('shows a playbook with three scenarios, and three commands', () => {
    expect(files.map(({ file }) => path.basename(file))).toEqual(['playbook.yaml', 'unseen.yaml', 'seen.yaml', 'unheard.yaml']);
    expect(commands.map((command) => command.split(' ').slice(0, 4).join(' '))).toEqual(['check', 'test', 'diagram'].map((name) => `npx cordon playbooks ${name}`));
  });

  it('shows a playbook without findings', () => {
    expect(run(`${commands[0]!} --json`)).toContain('"ok":true,');
  });

  it('shows scenarios that come out as they say, and fail when the playbook is another', () => {
    expect(run(commands[1]!)).toContain('3 passed, 0 failed');
    const [playbook] = files;
    writeFileSync(path.join(folder, playbook!.file), playbook!.content.replace('default: PT15M', 'default: PT10M'));
    expect(() => run(commands[1]!)).toThrow(/Command failed/);
    writeFileSync(path.join(folder, playbook!.file), playbook!.content);
  });

  it('shows a diagram', () => {
    expect(run(commands[2]!)).toMatch(/^stateDiagram-v2\n/);
  });
});

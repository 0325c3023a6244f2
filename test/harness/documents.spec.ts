import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

const documents = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join('docs', name)),
];

describe('documents', () => {
  it.each(documents)('%s links only to what is there', (file) => {
    const links = [...read(file).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map((match) => match[1]!).filter((link) => !/^[a-z]+:/.test(link));
    const dead = links.filter((link) => !existsSync(path.resolve(root, path.dirname(file), link)));
    expect(dead).toEqual([]);
  });

  it('list the modules in the order that lint enforces', async () => {
    const { moduleOrder } = (await import(path.join(root, 'eslint/module-order.mjs'))) as { moduleOrder: string[] };
    const section = read('docs/architecture.md').split('## Modules')[1]!.split('\n## ')[0]!;
    const listed = [...section.matchAll(/^\| ([a-z]+) \|/gm)].map((match) => match[1]).filter((name) => name !== 'module');
    expect(listed).toEqual(moduleOrder);
  });

  it('list every decision', () => {
    const decisions = readdirSync(path.join(root, 'docs/adr')).filter((name) => /^\d{4}-/.test(name));
    expect(decisions.filter((name) => !read('docs/adr/README.md').includes(`(${name})`))).toEqual([]);
  });
});

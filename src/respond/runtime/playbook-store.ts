import type { Database } from '../../platform/index.js';
import type { CompiledPlaybook } from '../engine/compiled-playbook.js';
import { PlaybookCache } from '../engine/machine/index.js';
import type { PlaybookSource } from '../engine/playbook-source.js';
import { respondErrors } from '../respond.errors.js';
import { READ_PLAYBOOK, STORE_PLAYBOOK } from './sql.js';
import type { PlaybookVersions } from './step-parts.js';

/** Versions of playbooks by their hash: in memory those in use, in the database every one that a run may be pinned to. */
export class PlaybookStore implements PlaybookVersions {
  readonly #active = new Map<string, CompiledPlaybook>();
  readonly #cache = new PlaybookCache();

  constructor(private readonly database: Database) {}

  /** Stores a version and lets new runs of its playbook take it. */
  async activate(playbook: CompiledPlaybook): Promise<void> {
    const { hash, source } = playbook;
    await this.database.query(STORE_PLAYBOOK, [hash, source.id, source.version, JSON.stringify(source), await this.database.now()]);
    this.#active.set(source.id, playbook);
  }

  active(): readonly CompiledPlaybook[] {
    return [...this.#active.values()];
  }

  find(id: string): CompiledPlaybook | undefined {
    return this.#active.get(id);
  }

  async of(hash: string): Promise<CompiledPlaybook> {
    for (const playbook of this.#active.values()) if (playbook.hash === hash) return playbook;
    const cached = this.#cache.get(hash);
    if (cached) return cached;
    const [row] = await this.database.query<{ source: PlaybookSource }>(READ_PLAYBOOK, [hash]);
    if (!row) throw respondErrors.create('respond.playbook_missing', { detail: `no version ${hash}` });
    try {
      return this.#cache.compile(row.source, hash);
    } catch (cause) {
      throw respondErrors.create('respond.playbook_missing', { detail: cause instanceof Error ? cause.message : String(cause), cause });
    }
  }
}

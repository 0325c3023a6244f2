import type { Role, Tx } from '../kernel/index.js';
import { KEY_HOLDERS, KEY_PERSON } from './sql.js';

/** Whose the keys are, read inside a transaction. */
export class KeyHolders {
  /** People who have an active key with one of `roles`, each once, by id. */
  async withRole(tx: Tx, roles: readonly Role[]): Promise<string[]> {
    const rows = await tx.query<{ person: string }>(KEY_HOLDERS, [roles, tx.now]);
    return rows.map(({ person }) => person);
  }

  /** Person of the key behind an actor `key:<id>`, active or not; null where it has none or the actor is no key. */
  async personOf(tx: Tx, actor: string): Promise<string | null> {
    const [, id] = /^key:([0-9a-f-]{36})$/.exec(actor) ?? [];
    const [row] = id === undefined ? [] : await tx.query<{ person: string | null }>(KEY_PERSON, [id]);
    return row?.person ?? null;
  }
}

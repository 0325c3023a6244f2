import type { PersonFact, Tx } from '../kernel/index.js';
import type { EntryBody } from './entry.js';
import { BREAK_GLASS_PEOPLE } from './sql.js';

/** The people whom context names for emergencies (`break_glass`). */
export class BreakGlassPeople {
  async list(tx: Tx): Promise<PersonFact[]> {
    const rows = await tx.query<Extract<EntryBody, { type: 'person' }> & { source: string; asOf: Date }>(BREAK_GLASS_PEOPLE);
    return rows.map(({ body, source, asOf }) => ({ known: true, type: 'person', source, asOf, ...body }));
  }
}

import type { IncidentReader, IncidentVisibility } from '../incident/index.js';
import type { Principal } from '../kernel/index.js';
import type { Database, PageMark } from '../platform/index.js';
import type { BreachCase } from './breach-case.js';
import { breachErrors } from './breach.errors.js';
import type { CasePage, CaseStore } from './case-store.js';

type Caller = Pick<Principal, 'person'>;

/** Cases as one caller may see them: who must not know of the incident must not know of its case, and judges nothing in it. */
export class CaseVisibility {
  constructor(
    private readonly database: Database,
    private readonly store: CaseStore,
    private readonly visibility: IncidentVisibility,
    private readonly incidents: IncidentReader,
  ) {}

  /** One page of whole size, however many are left out on the way, and the mark of the next one. */
  async list({ open, after, limit }: CasePage, caller: Caller): Promise<{ cases: BreachCase[]; next: PageMark | undefined }> {
    const sees = await this.#seenBy(caller);
    const cases: BreachCase[] = [];
    let from = after;
    for (;;) {
      const rows = await this.store.list(this.database, { open, after: from, limit: limit + 1 });
      for (const found of await sees(rows)) {
        const last = cases.at(-1);
        if (last && cases.length === limit) return { cases, next: markOf(last) };
        cases.push(found);
      }
      const last = rows.at(-1);
      if (!last || rows.length <= limit) return { cases, next: undefined };
      from = markOf(last);
    }
  }

  /** @throws CordonError `breach.case_unknown`, also for a case of which the caller must not know */
  async require(id: string, caller: Caller): Promise<void> {
    const found = await this.store.find(this.database, id);
    const [seen] = found ? await (await this.#seenBy(caller))([found]) : [];
    if (!seen) throw breachErrors.create('breach.case_unknown', { field: 'id' });
  }

  async #seenBy(caller: Caller): Promise<(cases: readonly BreachCase[]) => Promise<BreachCase[]>> {
    const sees = await this.visibility.of(caller);
    return async (cases) => {
      const subjects = await this.incidents.subjectsOf(cases.map(({ incidentId }) => incidentId));
      const seen: BreachCase[] = [];
      for (const one of cases) if (await sees({ entities: subjects.get(one.incidentId) ?? [] })) seen.push(one);
      return seen;
    };
  }
}

const markOf = ({ openedAt, id }: BreachCase): PageMark => ({ at: openedAt, id });

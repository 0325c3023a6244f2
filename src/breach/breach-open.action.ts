import { z } from 'zod';
import type { ActionDescription, ActionOutcome, DatabaseAction, JsonObject, RunReference, Tx } from '../kernel/index.js';
import type { IncidentStore } from '../incident/index.js';
import { breachErrors } from './breach.errors.js';
import type { BreachService } from './breach.service.js';

const input = z.strictObject({
  incident: z.uuid().describe('The incident; where the run belongs to it, its episode is the one of the run.'),
  aware: z
    .strictObject({ at: z.iso.datetime({ offset: true }), why: z.string().min(1).max(2_000) })
    .optional()
    .describe('When the entity may have become aware. It is assumed until a person records it, and ignored where it lies in the future. Absent: the opening of the case.'),
});

const schemaOf = (schema: z.ZodType): JsonObject => z.toJSONSchema(schema, { io: 'input' }) as JsonObject;

/** What is known of `breach.open` without a database, for the checks and tests of playbooks. */
export const breachOpen = {
  id: 'breach.open',
  title: 'Open the breach case of an incident',
  effectClass: 'in-database',
  destructive: false,
  notify: false,
  input: schemaOf(input),
  result: schemaOf(z.strictObject({ case: z.string(), clocks: z.array(z.record(z.string(), z.unknown())) })),
  verification: { none: 'The case is a row of the transaction that applies the step.' },
  undo: { none: 'What was recorded of a breach stays; a person closes the case with a reason.' },
  timeoutMs: 30_000,
} as const satisfies ActionDescription;

/** `breach.open`: the case with its first clock event, in the transaction of the step that asks for it. */
export class BreachOpenAction implements DatabaseAction {
  readonly id = breachOpen.id;
  readonly title = breachOpen.title;
  readonly effectClass = breachOpen.effectClass;
  readonly destructive = breachOpen.destructive;
  readonly notify = breachOpen.notify;
  readonly input = breachOpen.input;
  readonly result = breachOpen.result;
  readonly verification = breachOpen.verification;
  readonly undo = breachOpen.undo;
  readonly timeoutMs = breachOpen.timeoutMs;

  constructor(
    private readonly service: BreachService,
    private readonly incidents: Pick<IncidentStore, 'find'>,
  ) {}

  async do(tx: Tx, call: { readonly input: JsonObject }, run: RunReference): Promise<ActionOutcome> {
    const { incident: incidentId, aware } = input.parse(call.input);
    const incident = await this.incidents.find(tx, incidentId);
    if (!incident) throw breachErrors.create('breach.request_invalid', { field: 'incident', detail: `incident: there is none ${incidentId}` });
    const episode = run.incidentId === incidentId && run.episode !== null ? run.episode : incident.episode;
    const { breachCase, clocks, already } = await this.service.open(tx, {
      incidentId,
      episode,
      by: `run:${run.runId}`,
      aware: aware && { at: new Date(aware.at), why: aware.why },
    });
    return { result: { case: breachCase.id, clocks: [...clocks] }, already };
  }
}

import { z } from 'zod';
import { readInput } from '../platform/index.js';
import type { CaseState } from './engine/assess.js';
import { CLOCK_EVENTS } from './engine/regime.js';
import { breachErrors } from './breach.errors.js';
import { regimes } from './engine/regimes.js';
import { requireKnownFinding } from './known-finding.js';

const instant = z.iso.datetime({ offset: true }).transform((written) => new Date(written));

const schema = z.strictObject({
  events: z.partialRecord(z.enum(CLOCK_EVENTS), instant).default({}),
  facts: z.record(z.string().min(1), z.string()).default({}),
  zone: z.string().default('UTC'),
});

/** A case to be assessed without one in the database. */
export type Assessment = CaseState;

/** `{events: {aware: TIME}, facts: {NAME: VALUE}, zone}` of `cordon breach assess`. @throws CordonError `breach.request_invalid` */
export function readAssessment(text: string): Assessment {
  const { events, facts, zone } = readInput(schema, parseJson(text), (fault) => breachErrors.create('breach.request_invalid', fault));
  for (const [name, value] of Object.entries(facts)) requireKnownFinding(regimes, name, value, `facts.${name}`);
  return { zone, facts, starts: CLOCK_EVENTS.flatMap((kind) => (events[kind] ? [{ kind, at: events[kind], basis: 'recorded' as const }] : [])) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw breachErrors.create('breach.request_invalid', { detail: 'the file is no JSON', cause });
  }
}

import { z } from 'zod';
import { ACTION_ERROR_CODES, type JsonObject, type JsonValue } from '../../../kernel/index.js';
import { parseDuration } from '../duration.js';
import { GOVERNOR_MODES, OUTCOMES } from '../playbook-source.js';

const json: z.ZodType<JsonValue> = z.json();
const jsonObject = z.record(z.string(), json) as z.ZodType<JsonObject>;
const duration = z.string().refine((text) => parseDuration(text) !== undefined, 'an ISO 8601 duration such as PT30M');
const people = z.array(z.string().min(1)).min(1);

const timing = {
  after: duration.optional().describe('how long the answer takes; default none'),
  attempts: z.int().min(1).optional(),
  rateLimited: duration.optional().describe('the target first asks to wait this long: one attempt more'),
};
const done = z.strictObject({
  result: json.optional(),
  verify: z.enum(['verified', 'unverifiable', 'not']).optional(),
  residual_access_until: z.string().optional(),
  why: z.string().optional(),
  already: z.boolean().optional(),
});
const failure = z.strictObject({ code: z.enum(ACTION_ERROR_CODES), message: z.string().optional(), retryable: z.boolean().optional() });

const reply = z.union([
  z.enum(['done', 'timeout']),
  z.strictObject({ done, ...timing }),
  z.strictObject({ error: z.union([z.enum(ACTION_ERROR_CODES), failure]), ...timing }),
]);

/** One thing that happens, `after` the one before it. */
const happening = z.union([
  z.strictObject({ after: duration.optional(), event: z.string().min(1), with: jsonObject.optional() }),
  z.strictObject({ after: duration.optional(), approve: z.string().min(1).describe('invoke id'), by: people.optional(), reason: z.string().optional() }),
  z.strictObject({ after: duration.optional(), refuse: z.string().min(1).describe('invoke id'), by: people.optional(), reason: z.string().optional() }),
  z.strictObject({ after: duration }),
]);

const expectation = z.strictObject({
  states: z.array(z.string()).optional().describe('all states entered, in order'),
  effects: z.array(jsonObject).optional(),
  timers: z.array(jsonObject).optional(),
  approvals: z.array(jsonObject).optional(),
  facts: z.array(jsonObject).optional(),
  context: jsonObject.optional(),
  final: z.string().optional(),
  outcome: z.enum(OUTCOMES).optional(),
  ignored: z.array(z.string()).optional(),
  failure: z.string().optional().describe('part of the message with which a step fails'),
});

/** What a scenario file holds: how a run is started, how the world answers, and what is to come of it. */
export const scenarioSchema = z.strictObject({
  title: z.string().min(1),
  start: z.iso.datetime({ offset: true }).default('2026-03-02T10:00:00Z'),
  event: jsonObject.describe('body of the event that starts the run'),
  params: jsonObject.default({}),
  governor: z.record(z.string(), z.enum(GOVERNOR_MODES)).default({}).describe('action id → mode of the deployment, which can only be stricter'),
  replies: z.record(z.string(), z.union([reply, z.array(reply).min(1)])).default({}).describe('invoke id → answers in turn, the last one for ever'),
  happens: z.array(happening).default([]),
  expect: expectation,
});

export type Scenario = z.output<typeof scenarioSchema>;
export type Reply = z.output<typeof reply>;
export type Happening = z.output<typeof happening>;
export type Expectation = z.output<typeof expectation>;

import { z } from 'zod';
import { ENTITY_TYPES, type EntityRef } from '../../kernel/index.js';
import { GOVERNOR_MODES, type GovernorMode } from '../engine/playbook-source.js';
import type { Explanation, GovernorStatus } from './governor-desk.js';
import { governorErrors } from './governor.errors.js';
import { EVERYTHING, type KillSwitch } from './kill-switch.js';

const MAX_REASON = 2000;
const MAX_NAME = 512;
const MAX_ENTITIES = 50;

const switchBody = z.strictObject({ on: z.boolean(), scope: z.string().min(1).max(MAX_NAME).default(EVERYTHING), reason: z.string().trim().min(1).max(MAX_REASON) });

const entity = z
  .string()
  .max(MAX_NAME)
  .transform((text, context): EntityRef => {
    const colon = text.indexOf(':');
    const type = ENTITY_TYPES.find((name) => name === text.slice(0, Math.max(colon, 0)));
    const value = text.slice(colon + 1);
    if (type && value !== '') return { type, value };
    context.addIssue({ code: 'custom', message: `must be type:value with one of ${ENTITY_TYPES.join(', ')}` });
    return z.NEVER;
  });

const explainQuery = z.strictObject({
  action: z.string().min(1).max(MAX_NAME),
  entity: z.union([entity.transform((one) => [one]), z.array(entity).max(MAX_ENTITIES)]).default([]),
  mode: z.enum(GOVERNOR_MODES).optional(),
  incident: z.uuid().optional(),
});

export interface ExplainQuery {
  readonly action: string;
  readonly entities: readonly EntityRef[];
  /** What the playbook is supposed to ask for. */
  readonly mode: GovernorMode | undefined;
  readonly incidentId: string | undefined;
}

/** Body of POST /v1/governor/kill-switch. @throws CordonError `governor.request_invalid` */
export const parseSwitch = (body: unknown) => read(switchBody, body ?? {});

/** Query of GET /v1/governor/explain. @throws CordonError `governor.request_invalid` */
export function parseExplain(query: unknown): ExplainQuery {
  const { action, entity: entities, mode, incident } = read(explainQuery, query);
  return { action, entities, mode, incidentId: incident };
}

function read<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : (issue?.path.join('.') ?? '');
  throw governorErrors.create('governor.request_invalid', { field, detail: `${field ? `${field}: ` : ''}${issue?.message ?? 'cannot be used'}` });
}

export const toSwitchResponse = ({ scope, engaged, reason, by, at }: KillSwitch) => ({ scope, on: engaged, reason, by, at: at.toISOString() });

export function toStatusResponse({ switches, policy, usage }: GovernorStatus) {
  return {
    kill_switches: switches.map(toSwitchResponse),
    modes: policy.modes,
    actions: Object.fromEntries([...policy.actions].map(([id, { mode, irreversible }]) => [id, { mode: mode ?? null, irreversible }])),
    caps: {
      per_hour: { limit: policy.caps.perHour, used: usage.destructiveInHour, kept_for_critical: Math.floor(policy.caps.perHour * policy.caps.reserve) },
      share: { limit: usage.shareLimit, used: usage.identitiesHit, of: usage.directorySize, window_ms: policy.caps.shareWindowMs },
      actions: Object.fromEntries(policy.caps.actions),
    },
    promoted_rules: [...policy.promotedRules],
  };
}

export function toExplainResponse({ action, verdict, circumstances: { subjects, usage } }: Explanation) {
  return {
    action: action.id,
    ...verdict,
    subjects: subjects.map(({ entity: { type, value }, names, listed, breakGlass, breakGlassWhy, criticality }) => ({
      entity: `${type}:${value}`, names, listed, break_glass: breakGlass, why: breakGlassWhy, criticality,
    })),
    usage: {
      destructive_in_hour: usage.destructiveInHour,
      action_in_hour: usage.actionInHour,
      identities_hit: usage.identitiesHit,
      directory_size: usage.directorySize,
      last_on_subject: usage.lastOnSubject?.toISOString() ?? null,
    },
  };
}

export type SwitchResponse = ReturnType<typeof toSwitchResponse>;
export type StatusResponse = ReturnType<typeof toStatusResponse>;
export type ExplainResponse = ReturnType<typeof toExplainResponse>;

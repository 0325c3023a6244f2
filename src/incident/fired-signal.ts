import { z } from 'zod';
import { ENTITY_TYPES, type Fact } from '../kernel/index.js';

const texts = z.array(z.string()).default([]);

/** Body of `signal.fired` as far as grouping reads it. Facts of before entities were stated there have none. */
const firedSchema = z.object({
  signalId: z.string(),
  ruleId: z.string(),
  ruleTitle: z.string().optional(),
  level: z.enum(['informational', 'low', 'medium', 'high', 'critical']),
  tags: texts,
  first: z.coerce.date().optional(),
  last: z.coerce.date().optional(),
  entities: z.array(z.object({ type: z.enum(ENTITY_TYPES), value: z.string(), everywhere: z.boolean() })).default([]),
  sources: texts,
  dataClasses: texts,
});

export type FiredSignal = ReturnType<typeof readFiredSignal>;

export function readFiredSignal({ body, at }: Pick<Fact, 'body' | 'at'>) {
  const { ruleTitle, first, last, ...rest } = firedSchema.parse(body);
  return { ...rest, title: ruleTitle ?? rest.ruleId, first: first ?? at, last: last ?? first ?? at };
}

import type { z } from 'zod';

/** What is wrong with an input: the path of the member at fault and a sentence that begins with it. */
export interface InputFault {
  readonly field: string;
  readonly detail: string;
}

/** Parses what a caller sent. `refuse` makes the module's own error of the first fault. */
export function readInput<T extends z.ZodType>(schema: T, input: unknown, refuse: (fault: InputFault) => Error): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = [...(issue?.path ?? []), ...(issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])];
  throw refuse(faultAt(path.join('.'), issue?.message ?? 'cannot be used'));
}

export const faultAt = (field: string, why: string): InputFault => ({ field, detail: field ? `${field}: ${why}` : why });

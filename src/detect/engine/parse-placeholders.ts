import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { Placeholders } from './placeholders.js';
import { refuse } from './rule-findings.js';

const value = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const schema = z.record(z.string(), z.union([z.array(value), value.transform((single) => [single])]));

/** Reads `{ "Name": ["value", …] }` in YAML or JSON; a single value stands for a list of one. */
export function parsePlaceholders(file: string, text: string): Placeholders {
  const [document] = parseAllDocuments(text, { prettyErrors: false, logLevel: 'silent' });
  const [error] = document?.errors ?? [];
  if (error) refuse('rules.yaml_syntax', `${file}: ${error.message}`);
  const parsed = schema.safeParse(document?.toJS({ maxAliasCount: 100 }) ?? {});
  if (!parsed.success) refuse('rules.wrong_type', `${file}: ${z.prettifyError(parsed.error)}; placeholders are a mapping of names to lists of values`);
  return new Map(Object.entries(parsed.data));
}

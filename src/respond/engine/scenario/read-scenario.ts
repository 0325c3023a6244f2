import { parse } from 'yaml';
import { z } from 'zod';
import { respondErrors } from '../../respond.errors.js';
import { scenarioSchema, type Scenario } from './scenario-source.js';

/**
 * @param file named in errors
 * @throws CordonError `respond.scenario_invalid`
 */
export function readScenario(file: string, text: string): Scenario {
  let value: unknown;
  try {
    value = parse(text, { version: '1.2', schema: 'core', uniqueKeys: true, maxAliasCount: 0 });
  } catch (error) {
    throw respondErrors.create('respond.scenario_invalid', { detail: `${file}: ${error instanceof Error ? error.message : String(error)}`, cause: error });
  }
  const parsed = scenarioSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw respondErrors.create('respond.scenario_invalid', { detail: `${file}: ${z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, ' ')}` });
}

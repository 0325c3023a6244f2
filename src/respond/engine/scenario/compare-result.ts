import { isJsonObject, type JsonValue } from '../../../kernel/index.js';
import type { ScenarioResult } from './scenario-result.js';
import type { Expectation } from './scenario-source.js';

/**
 * What differs from what a scenario expects, one line each; empty where nothing does. Lists have to agree item by item;
 * an object may have members beyond those that are expected. A run that fails without being expected to differs too.
 */
export function differences(expected: Expectation, result: ScenarioResult): string[] {
  const { failure, ...members } = expected;
  const found = Object.entries(members).flatMap(([name, value]) => (value === undefined ? [] : compare(name, value, (result as unknown as Record<string, JsonValue>)[name])));
  if (failure === undefined) return result.failure === null ? found : [`the run fails: ${result.failure}`, ...found];
  return result.failure?.includes(failure) ? found : [`failure: expected "${failure}", got ${result.failure === null ? 'none' : `"${result.failure}"`}`, ...found];
}

function compare(path: string, expected: JsonValue, got: JsonValue | undefined): string[] {
  if (Array.isArray(expected) && Array.isArray(got)) {
    const length = Math.max(expected.length, got.length);
    return Array.from({ length }, (_, index) => index).flatMap((index) => {
      const [want, have] = [expected[index], got[index]];
      if (want === undefined) return [`${path}[${index}]: not expected, got ${JSON.stringify(have)}`];
      return compare(`${path}[${index}]`, want, have);
    });
  }
  if (isJsonObject(expected) && isJsonObject(got)) return Object.entries(expected).flatMap(([key, value]) => compare(`${path}.${key}`, value, Object.hasOwn(got, key) ? got[key] : undefined));
  return JSON.stringify(expected) === JSON.stringify(got) ? [] : [`${path}: expected ${JSON.stringify(expected)}, got ${got === undefined ? 'nothing' : JSON.stringify(got)}`];
}

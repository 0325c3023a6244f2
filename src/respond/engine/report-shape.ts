import type { z } from 'zod';
import { isJsonObject, type JsonValue } from '../../kernel/index.js';
import { closest } from './closest.js';
import type { Findings } from './finding.js';
import { keysAt } from './playbook-keys.js';
import type { Path } from './positions.js';

/** Keys of XState that the format refuses on purpose: they deserve another answer than a misspelt one. */
const REFUSED_KEYS = new Set(['sendTo', 'sendParent', 'spawn', 'spawnChild', 'emit', 'raise', 'systemId', 'reenter', 'internal', 'delay', 'cond', 'in', 'activities', 'onSnapshot', 'delays', 'guards', 'actors', 'exec']);

type Issue = z.core.$ZodIssue;

/** Turns what zod found into findings with the nearest valid name. */
export function reportShape(issues: readonly Issue[], document: JsonValue, findings: Findings, base: Path = []): void {
  for (const issue of issues) report(issue, document, findings, [...base, ...(issue.path as Path)]);
}

function report(issue: Issue, document: JsonValue, findings: Findings, path: Path): void {
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) unknownKey(key, path, findings);
      return;
    case 'invalid_union':
      reportShape(branchOf(issue.errors), document, findings, path);
      return;
    case 'invalid_key':
      findings.add('playbook.wrong_value', path, `the name ${JSON.stringify(path.at(-1))} is not allowed: ${issue.issues[0]?.message ?? 'it has the wrong form'}`, 'key');
      return;
    case 'invalid_type':
      if (valueAt(document, path) === undefined) {
        findings.add('playbook.missing_key', path.slice(0, -1), `'${String(path.at(-1))}' is missing`);
        return;
      }
      findings.add('playbook.wrong_value', path, `${words(issue.expected)} is expected here, not ${typeOf(valueAt(document, path))}`);
      return;
    case 'invalid_value': {
      const value = valueAt(document, path);
      const known = issue.values.map(String);
      if (value === undefined) findings.add('playbook.missing_key', path.slice(0, -1), `'${String(path.at(-1))}' is missing; it is one of ${known.join(', ')}`);
      else findings.add('playbook.wrong_value', path, `${short(value)} is not known here${typeof value === 'string' ? closest(value, known) : ''}; it is one of ${known.join(', ')}`);
      return;
    }
    case 'invalid_format':
      findings.add('playbook.wrong_value', path, `${short(valueAt(document, path))} is not ${issue.message}`);
      return;
    default:
      findings.add('playbook.wrong_value', path, issue.message);
  }
}

function unknownKey(key: string, path: Path, findings: Findings): void {
  if (REFUSED_KEYS.has(key)) findings.add('playbook.refused_feature', [...path, key], `'${key}' of XState is not part of the format`, 'key');
  else {
    const known = keysAt(path);
    findings.add('playbook.unknown_key', [...path, key], `'${key}' is not known here${closest(key, known)}; known are ${known.join(', ')}`, 'key');
  }
}

/** Of the forms that a value may take, the one that it most likely means: its own type, then the fewest faults. */
function branchOf(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const weight = (issues: readonly Issue[]): number => issues.length + (issues.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type') ? 1_000 : 0);
  return [...branches].sort((a, b) => weight(a) - weight(b))[0] ?? [];
}

function valueAt(document: JsonValue, path: Path): JsonValue | undefined {
  let value: JsonValue | undefined = document;
  for (const key of path) {
    if (Array.isArray(value)) value = value[Number(key)];
    else value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}

function typeOf(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}

function words(expected: string): string {
  return { object: 'a mapping', record: 'a mapping', array: 'a list', string: 'a text', number: 'a number', int: 'an integer' }[expected] ?? expected;
}

function short(value: JsonValue | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

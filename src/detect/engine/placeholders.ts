import { refuse } from './rule-findings.js';
import type { RuleNode } from './rule-document.js';

/** Values of `%name%` for fields with the modifier `expand`. */
export type Placeholders = ReadonlyMap<string, readonly string[]>;

const PLACEHOLDER = /%([\w.-]+)%/;
const MAX_EXPANSIONS = 10_000;

/** Whether a text is a placeholder and nothing else. */
export function isPlaceholder(text: string): boolean {
  return /^%[\w.-]+%$/.test(text);
}

/**
 * The texts that a value with placeholders stands for: one for each combination of their values.
 * @param quote applied to each value before it is put in
 */
export function expandPlaceholders(text: string, placeholders: Placeholders, at: Pick<RuleNode, 'line'>, quote: (value: string) => string = (value) => value): string[] {
  // odd elements are the names
  const pieces = text.split(new RegExp(PLACEHOLDER, 'g'));
  let texts = [pieces[0] ?? ''];
  for (let i = 1; i < pieces.length; i += 2) {
    const name = pieces[i] ?? '';
    const values = placeholders.get(name);
    if (values === undefined || values.length === 0) refuse('rules.placeholder_without_value', `%${name}%`, at);
    if (texts.length * values.length > MAX_EXPANSIONS) refuse('rules.modifier_value', `'${text}' stands for more than ${MAX_EXPANSIONS} values`, at);
    texts = texts.flatMap((head) => values.map((value) => head + quote(value) + (pieces[i + 1] ?? '')));
  }
  return texts;
}

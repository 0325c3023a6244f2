import { isJsonObject, type JsonValue } from '../../../kernel/index.js';
import type { Expression, Scope } from '../expression.js';
import type { Templated } from '../playbook-source.js';
import { compileExpression } from './compile-expression.js';
import { scanTemplate } from './scan-template.js';

type Evaluate = (scope: Scope) => JsonValue;

/**
 * Compiles JSON in whose strings expressions may stand (rule 14). A string that is one expression as a whole keeps the type
 * of its value; an expression inside of a longer text becomes text: strings as they are, everything else as JSON. Keys are
 * taken as they stand.
 * @throws ExpressionFailure for the first expression that is none
 */
export function compileTemplate(value: Templated): Expression {
  return { source: typeof value === 'string' ? value : JSON.stringify(value), evaluate: compile(value) };
}

function compile(value: Templated): Evaluate {
  if (typeof value === 'string') return compileText(value);
  if (Array.isArray(value)) {
    const items = value.map(compile);
    return (scope) => items.map((evaluate) => evaluate(scope));
  }
  if (!isJsonObject(value)) return () => value;
  const members = Object.entries(value).map(([key, member]) => [key, compile(member)] as const);
  return (scope) => Object.fromEntries(members.map(([key, evaluate]) => [key, evaluate(scope)]));
}

function compileText(text: string): Evaluate {
  const parts = scanTemplate(text);
  const [only] = parts;
  if (parts.length === 1 && only?.kind === 'expression') {
    const expression = compileExpression(only.source);
    return (scope) => expression.evaluate(scope);
  }
  const pieces = parts.map((part): Evaluate => {
    if (part.kind === 'text') return () => part.text;
    const expression = compileExpression(part.source);
    return (scope) => toText(expression.evaluate(scope));
  });
  return (scope) => pieces.map((evaluate) => evaluate(scope)).join('');
}

function toText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

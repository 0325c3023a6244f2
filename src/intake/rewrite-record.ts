import type { JsonValue } from '../kernel/index.js';
import { enter, replacementAt, type FieldPolicy, type PathState } from './field-policy.js';

/**
 * Applies a field policy to the text of one JSON object and gives the new text. The text is rewritten token by token
 * instead of parsed and printed: numbers beyond 2^53 keep their digits, and of a key that occurs twice every occurrence
 * is treated, also the one that a parser would drop.
 *
 * `text` must be valid JSON (the caller has parsed it) of bounded depth.
 */
export function rewriteRecord(text: string, policy: FieldPolicy): string {
  return policy.isEmpty ? text : new Rewriter(text).value(policy.start);
}

class Rewriter {
  private at = 0;

  constructor(private readonly text: string) {}

  /** Copies or replaces the value at the cursor. */
  value(state: PathState): string {
    this.skipSpace();
    const start = this.at;
    if (state.length > 0) {
      if (this.text[start] === '{') return this.object(state);
      if (this.text[start] === '[') return this.array(state);
    }
    this.skipValue();
    return this.text.slice(start, this.at);
  }

  private object(state: PathState): string {
    const members: string[] = [];
    this.at += 1;
    for (this.skipSpace(); this.text[this.at] !== '}'; this.skipSeparator()) {
      const keyStart = this.at;
      this.skipString();
      const key = this.text.slice(keyStart, this.at);
      this.skipSpace();
      this.at += 1; // the colon
      const inner = enter(state, JSON.parse(key) as string);
      const value = this.member(inner);
      if (value !== undefined) members.push(`${key}:${value}`);
    }
    this.at += 1;
    return `{${members.join(',')}}`;
  }

  private member(state: PathState): string | undefined {
    const replacement = replacementAt(state);
    if (!replacement) return this.value(state);
    this.skipSpace();
    const start = this.at;
    this.skipValue();
    const replaced = replacement(JSON.parse(this.text.slice(start, this.at)) as JsonValue);
    return replaced === undefined ? undefined : JSON.stringify(replaced);
  }

  /** Elements stand at the path of their array. */
  private array(state: PathState): string {
    const elements: string[] = [];
    this.at += 1;
    for (this.skipSpace(); this.text[this.at] !== ']'; this.skipSeparator()) elements.push(this.value(state));
    this.at += 1;
    return `[${elements.join(',')}]`;
  }

  private skipSeparator(): void {
    this.skipSpace();
    if (this.text[this.at] === ',') this.at += 1;
    this.skipSpace();
  }

  private skipSpace(): void {
    while (' \n\r\t'.includes(this.text[this.at] ?? '.')) this.at += 1;
  }

  private skipString(): void {
    for (this.at += 1; this.text[this.at] !== '"'; this.at += 1) if (this.text[this.at] === '\\') this.at += 1;
    this.at += 1;
  }

  /** Moves behind the value at the cursor without recursion. */
  private skipValue(): void {
    let depth = 0;
    do {
      const character = this.text[this.at];
      if (character === '"') this.skipString();
      else {
        if (character === '{' || character === '[') depth += 1;
        else if (character === '}' || character === ']') depth -= 1;
        this.at += 1;
        if (depth === 0 && character !== '}' && character !== ']') this.skipScalar();
      }
    } while (depth > 0);
  }

  private skipScalar(): void {
    while (this.at < this.text.length && !',]} \n\r\t'.includes(this.text[this.at] ?? '')) this.at += 1;
  }
}

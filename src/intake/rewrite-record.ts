import { enter, replacementAt, type FieldPolicy, type PathState, type Replacement } from './field-policy.js';

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
    return this.members((key, written) => {
      const value = this.member(enter(state, key));
      return value === undefined ? undefined : `${written}:${value}`;
    });
  }

  /** `next` is given each key, parsed and as written, with the cursor before its value; undefined leaves the member out. */
  private members(next: (key: string, written: string) => string | undefined): string {
    const members: string[] = [];
    this.at += 1;
    for (this.skipSpace(); this.text[this.at] !== '}'; this.skipSeparator()) {
      const keyStart = this.at;
      this.skipString();
      const written = this.text.slice(keyStart, this.at);
      this.skipSpace();
      this.at += 1; // the colon
      const member = next(JSON.parse(written) as string, written);
      if (member !== undefined) members.push(member);
    }
    this.at += 1;
    return `{${members.join(',')}}`;
  }

  private member(state: PathState): string | undefined {
    const replacement = replacementAt(state);
    return replacement ? this.replaced(replacement) : this.value(state);
  }

  private replaced(replacement: Replacement): string | undefined {
    this.skipSpace();
    if (replacement.kind === 'each') return this.each(replacement.replace);
    this.skipValue();
    return replacement.kind === 'whole' ? JSON.stringify(replacement.value) : undefined;
  }

  /** A number is told apart by its digits as sent: parsed, two large ones may become the same. */
  private each(replace: (text: string) => string): string {
    this.skipSpace();
    if (this.text[this.at] === '[') return this.elements(() => this.each(replace));
    const canonical = this.canonical();
    if (canonical === 'null') return canonical;
    return JSON.stringify(replace(canonical.startsWith('"') ? (JSON.parse(canonical) as string) : canonical));
  }

  /** The value at the cursor without white space and with strings escaped in one way, so that equal values have equal text. */
  private canonical(): string {
    this.skipSpace();
    const start = this.at;
    if (this.text[start] === '[') return this.elements(() => this.canonical());
    if (this.text[start] === '{') return this.members((key) => `${JSON.stringify(key)}:${this.canonical()}`);
    this.skipValue();
    const token = this.text.slice(start, this.at);
    return token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : token;
  }

  /** Elements stand at the path of their array. */
  private array(state: PathState): string {
    return this.elements(() => this.value(state));
  }

  private elements(next: () => string): string {
    const elements: string[] = [];
    this.at += 1;
    for (this.skipSpace(); this.text[this.at] !== ']'; this.skipSeparator()) elements.push(next());
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

import { isCordonError, Secret, type JsonValue } from '../../kernel/index.js';

const MASK = '[secret]';
/** Shorter texts would mask parts of ordinary words. */
const SHORTEST = 4;

/** Replaces secrets in what leaves an action. Holds values only as long as the action is bound, or the call runs. */
export class Mask {
  private readonly texts = new Set<string>();

  constructor(parent?: Mask) {
    for (const text of parent?.texts ?? []) this.texts.add(text);
  }

  /** Every wrapped secret anywhere below `value`. */
  static of(value: unknown): Mask {
    const mask = new Mask();
    const visit = (node: unknown): void => {
      if (node instanceof Secret) mask.add(node.reveal());
      else if (typeof node === 'object' && node !== null) Object.values(node).forEach(visit);
    };
    visit(value);
    return mask;
  }

  /** The text, and the forms in which it travels in URLs and JSON. */
  add(text: string): void {
    if (text.length < SHORTEST) return;
    for (const form of [text, encodeURIComponent(text), JSON.stringify(text).slice(1, -1)]) this.texts.add(form);
  }

  text(value: string): string {
    let masked = value;
    // The longest first: one secret may be a part of another.
    for (const text of [...this.texts].sort((a, b) => b.length - a.length)) masked = masked.replaceAll(text, MASK);
    return masked;
  }

  json<T extends JsonValue>(value: T): T;
  json(value: JsonValue): JsonValue {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.json(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, this.json(child)]));
  }

  /** What may be kept of the error behind a failure: catalogued errors as they are, of others masked text without their members. */
  cause(error: unknown): unknown {
    if (!(error instanceof Error)) return error === undefined ? undefined : this.text(String(error));
    if (isCordonError(error)) return error;
    const copy = new Error(this.text(error.message));
    copy.name = error.name;
    copy.stack = this.text(error.stack ?? '');
    return copy;
  }
}

import { isJsonObject, type JsonObject } from '../../kernel/index.js';
import { jsonPath, readPath, type JsonPath } from './json-path.js';
import { parseTime } from './parse-time.js';

/**
 * A parsed record as a mapping reads it. Every reader takes dotted paths in order of preference and gives the first value
 * that is there in the asked form, or undefined; none throws. Null, blank text and the source's `absent` words do not count.
 */
export class RecordView {
  constructor(
    readonly root: JsonObject,
    readonly receivedAt: Date,
    private readonly absent: ReadonlySet<string>,
  ) {}

  /** The first value that is there, of any type. */
  value(...paths: readonly string[]): unknown {
    for (const path of paths) {
      const value = this.at(jsonPath(path));
      if (value !== undefined) return value;
    }
    return undefined;
  }

  text(...paths: readonly string[]): string | undefined {
    return this.first(paths, (value) => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined));
  }

  number(...paths: readonly string[]): number | undefined {
    return this.first(paths, (value) => {
      const number = typeof value === 'string' && value.length < 32 ? Number(value) : value;
      return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
    });
  }

  time(...paths: readonly string[]): Date | undefined {
    return this.first(paths, (value) => parseTime(value, { reference: this.receivedAt }));
  }

  object(...paths: readonly string[]): JsonObject | undefined {
    return this.first(paths, (value) => (isJsonObject(value) ? value : undefined));
  }

  /** The elements of an array; a single value counts as one element; empty when there is nothing. */
  list(...paths: readonly string[]): readonly unknown[] {
    const value = this.value(...paths);
    return Array.isArray(value) ? value : value === undefined ? [] : [value];
  }

  /** Whether any of the paths leads to a value. */
  has(...paths: readonly string[]): boolean {
    return this.value(...paths) !== undefined;
  }

  at(path: JsonPath): unknown {
    const value = readPath(this.root, path);
    if (value === null) return undefined;
    return typeof value === 'string' && (value === '' || this.absent.has(value) || value.trim() === '') ? undefined : value;
  }

  private first<T>(paths: readonly string[], form: (value: unknown) => T | undefined): T | undefined {
    for (const path of paths) {
      const value = this.at(jsonPath(path));
      const formed = value === undefined ? undefined : form(value);
      if (formed !== undefined) return formed;
    }
    return undefined;
  }
}

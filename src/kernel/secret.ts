import { inspect } from 'node:util';

/** A secret value that cannot be printed by accident: string, JSON and inspect forms are all `[secret]`. */
export class Secret {
  readonly #value: string;

  /** @param file where the value was read from, when that was a file */
  constructor(
    value: string,
    readonly file?: string,
  ) {
    this.#value = value;
  }

  /** The value itself. Call it where it is used and keep the result out of objects that live on. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

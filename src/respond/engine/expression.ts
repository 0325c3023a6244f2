import type { JsonObject, JsonValue } from '../../kernel/index.js';

/** What an expression may read (rule 14 of the format). A root that does not apply where it stands is absent. */
export interface Scope {
  readonly context?: JsonObject;
  readonly event?: JsonObject;
  readonly params?: JsonObject;
  readonly input?: JsonObject;
  /** `Clock.now()` at the start of the applying transaction. */
  readonly now?: Date;
}

/** A compiled CEL expression or template. Pure: the same scope gives the same value. */
export interface Expression {
  readonly source: string;
  /** @throws ExpressionFailure */
  evaluate(scope: Scope): JsonValue;
}

/** An expression that cannot be read, or that could not give a value: a missing key, a wrong type, a cost limit. */
export class ExpressionFailure extends Error {
  override readonly name = 'ExpressionFailure';
  /** 0-based offset into `source` of what is at fault, where it is known. */
  readonly offset: number | undefined;

  constructor(
    readonly source: string,
    message: string,
    options: ErrorOptions & { readonly offset?: number } = {},
  ) {
    super(`\${${source}}: ${message}`, options);
    this.offset = options.offset;
  }
}

/**
 * The one error type of the product and the way a module declares its part of the error catalogue.
 *
 * Each module keeps its entries in `<module>.errors.ts` through {@link defineErrors}; `npm run docs` joins them into
 * docs/errors.md, and a test holds the two against each other and looks for a test of each code.
 */

/** What the catalogue says of one error. `code` is stable and public: `<module>.<what_is_wrong>`. */
export interface ErrorDefinition {
  /** HTTP status used when the error leaves through the API. */
  readonly status: number;
  /** One sentence for a person, fixed text (RFC 9457 `title`). */
  readonly title: string;
  /** What the reader can do about it. */
  readonly remedy: string;
  /** Whether the same request may succeed later without a change. */
  readonly retryable?: boolean;
}

export type ErrorCatalogue = Readonly<Record<string, ErrorDefinition>>;

export interface ErrorDetails {
  /** What is wrong with this very input: names the field, the value's shape, the limit. Never a secret. */
  readonly detail?: string;
  /** Path of the field at fault, e.g. `sources.gateway.auth`. */
  readonly field?: string;
  /** Seconds after which a retry makes sense (HTTP `Retry-After`). */
  readonly retryAfter?: number;
  readonly cause?: unknown;
  /** HTTP headers of the answer, names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Machine-readable members added to the RFC 9457 document. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

export class CordonError extends Error {
  override readonly name = 'CordonError';

  constructor(
    readonly code: string,
    readonly definition: ErrorDefinition,
    readonly details: ErrorDetails = {},
  ) {
    super(details.detail ? `${definition.title}: ${details.detail}` : definition.title, { cause: details.cause });
  }
}

/** A catalogue whose entries are also constructors: `intakeErrors.create('intake.bad_signature', {detail})`. */
export interface DefinedErrors<Codes extends string> {
  readonly catalogue: Readonly<Record<Codes, ErrorDefinition>>;
  create(code: Codes, details?: ErrorDetails): CordonError;
}

export function defineErrors<const C extends ErrorCatalogue>(catalogue: C): DefinedErrors<Extract<keyof C, string>> {
  return {
    catalogue,
    create: (code, details) => {
      const definition = catalogue[code];
      if (!definition) throw new TypeError(`error code ${code} is not in the catalogue`);
      return new CordonError(code, definition, details);
    },
  };
}

/** Whether `error` is a {@link CordonError}, optionally of one code. */
export function isCordonError(error: unknown, code?: string): error is CordonError {
  return error instanceof CordonError && (code === undefined || error.code === code);
}

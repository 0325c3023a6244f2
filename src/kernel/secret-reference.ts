import { z } from 'zod';
import type { Secret } from './secret.js';

/** Where a secret is kept, as a configuration names it: `env:NAME` or `file:PATH`. */
export class SecretReference {
  /** Makes the type nominal: a configured object of the same shape is not taken for a reference. */
  private readonly isSecretReference = true;

  constructor(
    readonly kind: 'env' | 'file',
    readonly name: string,
  ) {}

  static is(value: unknown): value is SecretReference {
    return value instanceof SecretReference && value.isSecretReference;
  }
}

/** `env:NAME` or `file:PATH`. A value written out is refused: the file would hold the secret itself. */
export const secretReference = z.string().transform((text, context): SecretReference => {
  const match = /^(env|file):(.+)$/.exec(text);
  if (!match?.[2]) {
    context.addIssue({ code: 'custom', message: 'must be a reference, env:NAME or file:PATH, not the secret itself' });
    return z.NEVER;
  }
  return new SecretReference(match[1] === 'env' ? 'env' : 'file', match[2]);
});

/** A parsed structure with every secret reference replaced by the wrapped secret. */
export type Resolved<T> = T extends SecretReference ? Secret : T extends readonly (infer Item)[] ? Resolved<Item>[] : T extends object ? { [K in keyof T]: Resolved<T[K]> } : T;

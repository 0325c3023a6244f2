import { z } from 'zod';

export interface SecretReference {
  readonly kind: 'env' | 'file';
  readonly name: string;
}

/** `env:NAME` or `file:PATH`. A value written out is refused: the file would hold the secret itself. */
export const secretReference = z.string().transform((text, context): SecretReference => {
  const match = /^(env|file):(.+)$/.exec(text);
  if (!match?.[2]) {
    context.addIssue({ code: 'custom', message: 'must be a reference, env:NAME or file:PATH, not the secret itself' });
    return z.NEVER;
  }
  return { kind: match[1] === 'env' ? 'env' : 'file', name: match[2] };
});

export function isSecretReference(value: unknown): value is SecretReference {
  return typeof value === 'object' && value !== null && 'kind' in value && 'name' in value && (value.kind === 'env' || value.kind === 'file');
}

import { createSecretKey } from 'node:crypto';
import type { ResolvedSource } from '../config/index.js';
import { FieldPolicy } from './field-policy.js';
import { senderProof, type SenderProof } from './sender-proof.js';
import type { RecordFormat } from './split-body.js';
import { TokenBucket } from './token-bucket.js';

/** A configured source, ready for the hot path. */
export interface IntakeSource {
  readonly name: string;
  readonly stream: string;
  readonly format: RecordFormat;
  readonly dedupe: ResolvedSource['dedupe'];
  readonly proof: SenderProof;
  readonly policy: FieldPolicy;
  readonly quota: TokenBucket | undefined;
  readonly open: boolean;
}

export interface SourceContext {
  /** Key of tokens and hashes of the field policy. */
  readonly tokenKey: Buffer;
  /** Framing of a stream, from its connector. */
  readonly formatOf: (stream: string) => RecordFormat;
  readonly now: Date;
}

export function compileSources(sources: Readonly<Record<string, ResolvedSource>>, { tokenKey, formatOf, now }: SourceContext): Map<string, IntakeSource> {
  const key = createSecretKey(tokenKey);
  const compiled = Object.entries(sources).map(([name, { stream, auth, dedupe, fieldPolicy, quota }]): [string, IntakeSource] => [
    name,
    {
      name,
      stream,
      format: formatOf(stream),
      dedupe,
      proof: senderProof(auth),
      policy: new FieldPolicy(fieldPolicy, key),
      quota: quota > 0 ? new TokenBucket(quota, now.getTime()) : undefined,
      open: auth.type === 'none',
    },
  ]);
  return new Map(compiled);
}

import { z } from 'zod';
import { canonicalJson } from '../kernel/index.js';
import { auditErrors } from './audit.errors.js';
import { isSignedBy, type CheckpointKey } from './checkpoint-key.js';

export const CHECKPOINT_FORMAT = 'cordon-audit-checkpoint/1';

export const checkpointSchema = z.strictObject({
  format: z.literal(CHECKPOINT_FORMAT),
  /** Newest entry that it vouches for, and all before it. */
  seq: z.int().positive(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.string(),
  /** See {@link CheckpointKey.publicKey}. */
  public_key: z.string(),
  /** Ed25519 over the canonical JSON of all other members, in base64url. */
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
});

/** A signed statement that the chain up to `seq` has this hash. Kept elsewhere, it shows a later rewriting. */
export type Checkpoint = z.output<typeof checkpointSchema>;

const signedText = ({ signature: _signature, ...claim }: Checkpoint): string => canonicalJson(claim);

/** @param at ISO 8601 in UTC, as it reads back from the database */
export function signCheckpoint(key: CheckpointKey, { seq, hash, at }: Pick<Checkpoint, 'seq' | 'hash' | 'at'>): Checkpoint {
  const claim = { format: CHECKPOINT_FORMAT, seq, hash, at, public_key: key.publicKey, signature: '' } as const;
  return { ...claim, signature: key.sign(signedText(claim)).toString('base64url') };
}

/** Whether the key that it names has signed it. Whose key that is, is another question. */
export const isGenuine = (checkpoint: Checkpoint): boolean => isSignedBy(checkpoint.public_key, signedText(checkpoint), Buffer.from(checkpoint.signature, 'base64url'));

/**
 * A checkpoint that somebody has kept, from its text.
 * @throws CordonError `audit.checkpoint_invalid` where it is none or its signature does not fit
 */
export function parseCheckpoint(text: string): Checkpoint {
  let checkpoint: Checkpoint;
  try {
    checkpoint = checkpointSchema.parse(JSON.parse(text));
  } catch (error) {
    throw auditErrors.create('audit.checkpoint_invalid', { detail: error instanceof z.ZodError ? z.prettifyError(error) : 'it is not JSON', cause: error });
  }
  if (!isGenuine(checkpoint)) throw auditErrors.create('audit.checkpoint_invalid', { detail: `its signature does not fit, seq ${checkpoint.seq}` });
  return checkpoint;
}

/** What a signature was seen with: never before, the same delivery (a retry), or another delivery (a replay). */
export type Sighting = 'first' | 'retry' | 'replay';

/**
 * The delivery id is not part of what is signed, so a captured request could be sent again under a new one and would be
 * stored as a new delivery. The guard binds each signature to the delivery id it first came with, for as long as its
 * time is within the tolerance.
 */
export interface ReplayGuard {
  /** @param expires when the signature stops being fresh, so that it need not be remembered any longer */
  sight(signature: Buffer, delivery: string, expires: Date): Promise<Sighting>;
}

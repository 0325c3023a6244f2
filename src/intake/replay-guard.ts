/**
 * The delivery id is not part of what is signed, so a captured request could be sent again under a new one and would be
 * stored as a new delivery. The guard binds each signature to the delivery id it first came with, for as long as the
 * signature is fresh; after that its time refuses it.
 */
export interface ReplayGuard {
  /**
   * False where the signature belongs to another delivery: a replay. True for a first use and for an honest retry.
   * @param expires when the signature stops being fresh and need not be remembered any longer
   */
  bind(signature: Buffer, delivery: string, expires: Date): Promise<boolean>;
}

/**
 * Tells workers of this process that there is something to do. It only shortens a wait: who listens must find its work
 * by itself, since other processes cannot be heard here.
 */
export class WakeUp {
  private readonly listeners = new Set<() => void>();

  /** Gives the function that ends the subscription. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  notify(): void {
    for (const listener of this.listeners) listener();
  }
}

/** Bytes that requests in flight hold. A request reserves before it reads, so memory is bounded, not only watched. */
export class ByteBudget {
  #held = 0;

  constructor(private readonly limit: number) {}

  get held(): number {
    return this.#held;
  }

  /** Undefined where there is no room. A single request larger than the whole budget passes when it is alone. */
  reserve(bytes: number): Reservation | undefined {
    if (this.#held > 0 && this.#held + bytes > this.limit) return undefined;
    this.#held += bytes;
    return new Reservation(bytes, (change) => (this.#held += change));
  }
}

export class Reservation {
  constructor(
    private bytes: number,
    private readonly change: (by: number) => void,
  ) {}

  /** Replaces what was reserved by what is held. */
  adjust(bytes: number): void {
    this.change(bytes - this.bytes);
    this.bytes = bytes;
  }

  release(): void {
    this.adjust(0);
  }
}

/** Unproven senders together hold at most this part of the budget, so what they send never keeps out the proven. */
const UNPROVEN_PART = 1 / 2;
/** One unproven peer holds at most this part of the budget. */
const PEER_PART = 1 / 8;

/**
 * Bytes that requests in flight hold. A request takes room as its bytes arrive, not as it announces them: headers alone
 * hold nothing. Whoever has not proved who it is shares a part of the budget, and each peer a part of that.
 */
export class ByteBudget {
  readonly #all: Account;
  readonly #unproven: Account;
  readonly #peers = new Map<string, Account>();

  constructor(private readonly limit: number) {
    this.#all = new Account(limit);
    this.#unproven = new Account(limit * UNPROVEN_PART);
  }

  get held(): number {
    return this.#all.held;
  }

  /** A reservation of no bytes yet. `unprovenPeer` is the address of a sender that has still to prove itself. */
  open(unprovenPeer?: string): Reservation {
    return new Reservation((peer) => this.accounts(peer), unprovenPeer);
  }

  private accounts(peer: string | undefined): readonly Account[] {
    return peer === undefined ? [this.#all] : [this.#all, this.#unproven, this.peer(peer)];
  }

  private peer(address: string): Account {
    const known = this.#peers.get(address);
    if (known) return known;
    const account = new Account(this.limit * PEER_PART, () => this.#peers.delete(address));
    this.#peers.set(address, account);
    return account;
  }
}

class Account {
  held = 0;

  constructor(
    private readonly limit: number,
    private readonly emptied: () => void = () => {},
  ) {}

  /** A request that is alone passes whatever its size: it could never pass otherwise. */
  hasRoom(bytes: number, own: number): boolean {
    return this.held === own || this.held - own + bytes <= this.limit;
  }

  add(bytes: number): void {
    this.held += bytes;
    if (this.held === 0) this.emptied();
  }
}

export class Reservation {
  #bytes = 0;

  constructor(
    private readonly accounts: (peer: string | undefined) => readonly Account[],
    private peer: string | undefined,
  ) {}

  /** Whether `bytes` in all would fit now. */
  fits(bytes: number): boolean {
    return this.accounts(this.peer).every((account) => account.hasRoom(bytes, this.#bytes));
  }

  /** Holds `bytes` in all from now on; false, and nothing changed, where there is no room to grow so far. */
  resize(bytes: number): boolean {
    if (bytes > this.#bytes && !this.fits(bytes)) return false;
    this.charge(bytes - this.#bytes);
    return true;
  }

  /** The sender is proven: its bytes no longer count among those of strangers. */
  prove(): void {
    const bytes = this.#bytes;
    this.release();
    this.peer = undefined;
    this.charge(bytes);
  }

  release(): void {
    this.charge(-this.#bytes);
  }

  private charge(by: number): void {
    if (by === 0) return;
    this.#bytes += by;
    for (const account of this.accounts(this.peer)) account.add(by);
  }
}

/**
 * Where "now" comes from. Decisions inside a transaction use `Tx.now` (the database clock at its start); the rest asks
 * this port. Tests pass a {@link ManualClock}.
 */
export interface Clock {
  now(): Date;
}

export class ManualClock implements Clock {
  constructor(private time: Date) {}

  now(): Date {
    return new Date(this.time);
  }

  set(time: Date): void {
    this.time = new Date(time);
  }

  advance(milliseconds: number): void {
    this.time = new Date(this.time.getTime() + milliseconds);
  }
}

import { CircuitBreaker, type BreakerOptions } from './circuit-breaker.js';

/** More origins than any configuration has: a template in an address must not fill the memory. */
const MOST_ORIGINS = 1_000;

/** One breaker an origin; of too many, the one unused for longest is forgotten. */
export class CircuitBreakers {
  private readonly breakers = new Map<string, CircuitBreaker>();

  /** @param onForget told of an origin that is no longer kept */
  constructor(
    private readonly options: BreakerOptions,
    private readonly onForget: (origin: string) => void = () => undefined,
  ) {}

  of(origin: string): CircuitBreaker {
    const breaker = this.breakers.get(origin) ?? new CircuitBreaker(this.options);
    this.breakers.delete(origin);
    this.breakers.set(origin, breaker);
    const [oldest] = this.breakers.keys();
    if (this.breakers.size > MOST_ORIGINS && oldest !== undefined) {
      this.breakers.delete(oldest);
      this.onForget(oldest);
    }
    return breaker;
  }
}

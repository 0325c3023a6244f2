import { describe, expect, it } from '@jest/globals';
import { CircuitBreaker } from './circuit-breaker.js';
import { CircuitBreakers } from './circuit-breakers.js';

function breakerAt() {
  const time = { now: 0 };
  return { time, breaker: new CircuitBreaker({ failures: 3, pauseMs: 100, now: () => time.now }) };
}
const fail = (breaker: CircuitBreaker, times: number) => {
  for (let i = 0; i < times; i += 1) breaker.failure();
};

describe('CircuitBreaker', () => {
  it('opens after failures in a row, not after as many with a success between', () => {
    const { breaker } = breakerAt();
    fail(breaker, 2);
    breaker.succeeded();
    fail(breaker, 2);
    expect([breaker.state, breaker.enter()]).toEqual(['closed', 0]);
    breaker.failure();
    expect([breaker.state, breaker.enter()]).toEqual(['open', 100]);
  });

  it('lets one request try after the pause, whose end decides', () => {
    const { breaker, time } = breakerAt();
    fail(breaker, 3);
    time.now = 100;
    expect([breaker.enter(), breaker.state]).toEqual([0, 'half-open']);
    expect(breaker.enter()).toBeGreaterThan(0);
    breaker.failure();
    expect([breaker.state, breaker.enter()]).toEqual(['open', 100]);
    time.now = 200;
    expect(breaker.enter()).toBe(0);
    breaker.undecided();
    expect([breaker.state, breaker.enter()]).toEqual(['open', 0]);
    breaker.succeeded();
    expect([breaker.state, breaker.enter()]).toEqual(['closed', 0]);
  });
});

describe('CircuitBreakers', () => {
  it('keeps one an origin, and forgets those unused for longest', () => {
    const forgotten: string[] = [];
    const breakers = new CircuitBreakers({ failures: 1, pauseMs: 1, now: () => 0 }, (origin) => forgotten.push(origin));
    const first = breakers.of('o0');
    for (let i = 1; i < 1000; i += 1) breakers.of(`o${i}`);
    expect(breakers.of('o0')).toBe(first);
    breakers.of('one more');
    expect([breakers.of('o0') === first, forgotten]).toEqual([true, ['o1']]);
  });
});

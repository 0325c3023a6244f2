import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { returnTo } from './login-form.js';
import { LoginLimiter } from './login-limiter.js';
import { endedCookie, formNonce, formToken, newSession, sessionCookie, sessionToken } from './web-session.js';

describe('the cookie of a session', () => {
  it('is read back as it was set, with TLS under a name that other hosts cannot set', () => {
    const { token } = newSession();
    for (const secure of [false, true]) {
      const [pair = ''] = sessionCookie(token, secure).split(';', 1);
      expect(sessionToken(`a=b; ${pair}; c=d`, secure)).toBe(token);
      expect(sessionToken(pair, !secure)).toBeUndefined();
      expect(sessionCookie(token, secure)).toMatch(secure ? /^__Host-.*; Path=\/;.*HttpOnly; SameSite=Strict; Secure$/ : /HttpOnly; SameSite=Strict$/);
      expect(sessionToken(endedCookie(secure).split(';', 1)[0], secure)).toBeUndefined();
    }
  });

  it('is not guessed where there are two of them', () => {
    const [one, other] = [newSession().token, newSession().token];
    expect(sessionToken(`cordon_session=${one}; cordon_session=${other}`, false)).toBeUndefined();
  });
});

describe('the token of a form', () => {
  it('holds for its session and purpose alone, and each is another', () => {
    const [mine, theirs] = [newSession().token, newSession().token];
    const token = formToken(mine, 'approval:1');
    expect(formNonce(mine, 'approval:1', token)).toBeDefined();
    expect([formNonce(theirs, 'approval:1', token), formNonce(mine, 'approval:2', token), formNonce(mine, 'approval:1', `${token}x`), formNonce(mine, 'approval:1', '')]).toEqual([undefined, undefined, undefined, undefined]);
    expect(formToken(mine, 'approval:1')).not.toBe(token);
  });

  it('is no token when a character of it changes', () => {
    const { token: session } = newSession();
    const token = formToken(session, 'p');
    fc.assert(
      fc.property(fc.nat(token.length - 2), fc.constantFrom(...'AZaz09-_.'), (place, character) => {
        const changed = token.slice(0, place) + character + token.slice(place + 1);
        if (changed !== token) expect(formNonce(session, 'p', changed)).toBeUndefined();
      }),
    );
  });
});

it('returns to a page of ours or to the list, whatever is asked', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.anything()), (asked) => void expect(returnTo(asked)).toMatch(/^\/approvals(\/[0-9a-f-]{36})?$/)));
  expect(returnTo('/approvals/5f0c3a52-52d6-4c0e-8d5f-8a3f0d5f0021?x=1')).toBe('/approvals/5f0c3a52-52d6-4c0e-8d5f-8a3f0d5f0021');
});

describe('failed sign-ins', () => {
  it('are told to wait after ten, address by address, until time has passed', () => {
    const limiter = new LoginLimiter();
    const waits = Array.from({ length: 12 }, () => limiter.failed('192.0.2.1', 0));
    expect(waits.map((wait) => wait > 0)).toEqual([...Array<boolean>(10).fill(false), true, true]);
    expect(limiter.failed('192.0.2.2', 0)).toBe(0);
    expect(limiter.failed('192.0.2.1', 120_000)).toBe(0);
  });
});

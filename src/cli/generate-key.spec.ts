import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parseAdminKey } from '../access/index.js';
import { generateKey } from './generate-key.js';

describe('cordon keys generate', () => {
  let folder: string;
  let output: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'cordon-generate-'));
    output = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((output += String(text)), true));
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });

  it('prints a key that keys.admin takes, another one each time', () => {
    generateKey({});
    generateKey({});
    const [first, second] = output.trimEnd().split('\n').map((text) => parseAdminKey(text));
    expect(first?.secret).not.toBe(second?.secret);
  });

  it('writes it to a new file of the owner alone, and over none that exists', () => {
    const out = path.join(folder, 'admin.key');
    generateKey({ out });
    const text = readFileSync(out, 'utf8');
    expect(output).toContain(parseAdminKey(text).id);
    expect(output).not.toContain(parseAdminKey(text).secret);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(() => generateKey({ out })).toThrow(expect.objectContaining({ code: 'cli.file_exists' }));
    expect(readFileSync(out, 'utf8')).toBe(text);
  });
});

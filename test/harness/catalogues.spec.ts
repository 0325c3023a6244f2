import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '../..');

interface Catalogues {
  readonly errors: readonly { name: string; status: number; title: string; remedy: string }[];
  readonly metrics: readonly { name: string; type: string; help: string }[];
  readonly logEvents: readonly { name: string }[];
  readonly config: readonly { path: string; description: string; default: unknown; required: boolean }[];
}

const { loadCatalogues } = (await import(path.join(root, 'scripts/lib/catalogues.mjs'))) as {
  loadCatalogues(folder: string, extension: string): Promise<Catalogues>;
};
const { renderDocs } = (await import(path.join(root, 'scripts/lib/render-docs.mjs'))) as { renderDocs(catalogues: Catalogues): Record<string, string> };

let catalogues: Catalogues;
beforeAll(async () => {
  catalogues = await loadCatalogues(path.join(root, 'src'), 'ts');
});

function testTexts(): string {
  const below = (folder: string) =>
    readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(spec|test)\.ts$/.test(entry.name))
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8'));
  return ['src', 'connectors', 'test'].flatMap(below).join('\n');
}

describe('catalogues', () => {
  it('stand in the documents as they stand in the code', () => {
    for (const [file, text] of Object.entries(renderDocs(catalogues))) {
      expect({ file, same: readFileSync(path.join(root, file), 'utf8') === text, remedy: 'npm run build && npm run docs' }).toMatchObject({ file, same: true });
    }
  });

  it('name errors `<module>.<what_is_wrong>` with a remedy in whole sentences', () => {
    expect(catalogues.errors.length).toBeGreaterThan(0);
    for (const error of catalogues.errors) {
      expect(error.name).toMatch(/^[a-z]+(\.[a-z0-9_]+)+$/);
      expect({ ...error, ends: /[.!?]$/.test(error.remedy) }).toMatchObject({ ends: true });
      expect(error.status).toBeGreaterThanOrEqual(400);
    }
  });

  it('exercise every error code in a test', () => {
    const texts = testTexts();
    expect(catalogues.errors.map(({ name }) => name).filter((name) => !texts.includes(name))).toEqual([]);
  });

  it('name metrics by module, and counters `_total`', () => {
    for (const { name, type } of catalogues.metrics) {
      expect(name).toMatch(/^cordon_[a-z0-9]+(_[a-z0-9]+)+$/);
      expect({ name, total: name.endsWith('_total') }).toEqual({ name, total: type === 'counter' });
    }
  });

  it('describe every configuration key', () => {
    expect(catalogues.config.length).toBeGreaterThan(0);
    expect(catalogues.config.filter(({ description }) => description === '').map((key) => key.path)).toEqual([]);
  });
});

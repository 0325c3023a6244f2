// Writes the documents that are made from the catalogues of the built code. `--check` writes nothing and exits 1 when
// a document differs.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadCatalogues } from './lib/catalogues.mjs';
import { renderPlaybookDocs } from './lib/playbook-docs.mjs';
import { playbookReadmes } from './lib/playbook-readmes.mjs';
import { renderDocs } from './lib/render-docs.mjs';

const root = path.resolve(import.meta.dirname, '..');
const check = process.argv.includes('--check');
const built = path.join(root, 'dist/src');
const engine = path.join(built, 'respond/engine');
const { readPlaybook } = await import(pathToFileURL(path.join(engine, 'read-playbook.js')).href);
const { withReadmePart } = await import(pathToFileURL(path.join(engine, 'diagram/index.js')).href);
const documents = {
  ...renderDocs(await loadCatalogues(built, 'js')),
  ...(await renderPlaybookDocs(root, built, 'js')),
  ...playbookReadmes(path.join(root, 'playbooks'), { readPlaybook, withReadmePart }),
};
for (const [file, text] of Object.entries(documents)) {
  const target = path.resolve(root, file);
  if (!check) writeFileSync(target, text);
  else if (readFileSync(target, 'utf8') !== text) {
    console.error(`${file} is not what the code says; run: npm run docs`);
    process.exitCode = 1;
  }
}

import { readFile } from 'node:fs/promises';
import { ruleErrors, type Placeholders, type RefusedDocument, type RuleSet } from '../detect/engine/index.js';

/**
 * Compiles the rules at `paths`.
 * @throws {CordonError} `rules.not_readable` for a path that cannot be read, which is wrong usage and no finding
 */
export async function loadRuleSet(paths: readonly string[], placeholdersFile: string | undefined): Promise<RuleSet> {
  const { loadRules, readRuleFiles } = await import('../detect/engine/index.js');
  const placeholders = placeholdersFile === undefined ? undefined : await readPlaceholders(placeholdersFile);
  return loadRules(await readRuleFiles(paths), placeholders && { placeholders });
}

async function readPlaceholders(file: string): Promise<Placeholders> {
  const { parsePlaceholders } = await import('../detect/engine/index.js');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw ruleErrors.create('rules.not_readable', { detail: `${file}: ${error instanceof Error ? error.message : String(error)}`, cause: error });
  }
  return parsePlaceholders(file, text);
}

/** Lists refused documents for a person, one a paragraph, on standard error. */
export function printRefused(refused: readonly RefusedDocument[]): void {
  for (const { file, document, line, code, message } of refused) {
    process.stderr.write(`${file}${line === undefined ? '' : `:${line}`} (document ${document}): ${code}\n  ${message.replaceAll('\n', '\n  ')}\n`);
  }
}

import { existsSync } from 'node:fs';
import path from 'node:path';
import { closest } from 'fastest-levenshtein';
import { stringify } from 'yaml';
import type { ActionDescription } from '../kernel/index.js';
import { toActionResponse, type ActionResponse } from '../respond/index.js';
import type { ActionsOptions } from './actions.command.js';
import { ExitCode } from './exit-codes.js';
import { knownActions } from './known-actions.js';
import { projectRoot } from './project-root.js';
import { readConfig } from './read-config.js';

/** @throws CordonError `config.*` for a configuration that cannot be used */
export function listActions({ config, json = false }: ActionsOptions): void {
  const rows = describe(config);
  if (json) {
    for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
    return;
  }
  for (const row of rows) process.stdout.write(`${[row.id, row.effect_class, kindOf(row), proofOf(row), reverseOf(row), row.configured ? 'configured' : 'not configured'].join('\t')}\n`);
}

/** @returns the exit code: findings where there is no such action */
export function showAction(id: string, { config, json = false }: ActionsOptions): number {
  const rows = describe(config);
  const row = rows.find((candidate) => candidate.id === id);
  if (!row) {
    process.stderr.write(`cordon: there is no action '${id}'; nearest: ${closest(id, rows.map((candidate) => candidate.id))}\n`);
    return ExitCode.findings;
  }
  process.stdout.write(json ? `${JSON.stringify(row)}\n` : stringify(row));
  return ExitCode.ok;
}

const kindOf = ({ destructive, notify }: ActionResponse): string => (destructive ? 'destructive' : notify ? 'notify' : 'other');
const proofOf = ({ verification }: ActionResponse): string => (verification === 'read-back' ? 'verified by read-back' : 'not verified');
const reverseOf = ({ undo }: ActionResponse): string => ('action' in undo ? `undone by ${undo.action}` : 'not undone');

function describe(named: string | undefined): ActionResponse[] {
  const sections = sectionsOf(named);
  const isConfigured = ({ id, effectClass }: ActionDescription) => effectClass === 'in-database' || sections.has(id.split('.')[0] ?? '');
  return [...knownActions].sort((a, b) => (a.id < b.id ? -1 : 1)).map((description) => toActionResponse({ description, configured: isConfigured(description) }));
}

/** Ids of the connectors that have a section. Before the first start there is no file and nothing is configured; one that was named must exist. */
function sectionsOf(named: string | undefined): ReadonlySet<string> {
  const isDefault = named === undefined && process.env.CORDON_CONFIG === undefined;
  if (isDefault && !existsSync(path.join(projectRoot(), 'config', 'cordon.yaml'))) return new Set();
  return new Set(Object.entries(readConfig(named).connectors).flatMap(([id, section]) => (section === undefined ? [] : [id])));
}

import type { Command } from 'commander';
import { registerPlaybooksCheck } from './playbooks-check.js';
import { registerPlaybooksDiagram } from './playbooks-diagram.js';
import { registerPlaybooksExplain } from './playbooks-explain.js';
import { registerPlaybooksTest } from './playbooks-test.js';
import { unsupported } from './unsupported.js';

export function registerPlaybooks(program: Command): void {
  const playbooks = program.command('playbooks').description('check playbooks, and try them in scenarios, without a database');
  registerPlaybooksCheck(playbooks);
  registerPlaybooksExplain(playbooks);
  registerPlaybooksTest(playbooks);
  registerPlaybooksDiagram(playbooks);
  unsupported(playbooks, 'import');
}

import type { Command } from 'commander';
import { unsupported } from './unsupported.js';

export function registerAudit(program: Command): void {
  unsupported(program, 'audit');
}

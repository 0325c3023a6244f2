import type { Command } from 'commander';
import { unsupported } from './unsupported.js';

export function registerRules(program: Command): void {
  unsupported(program, 'rules');
}

import type { Command } from 'commander';
import { unsupported } from './unsupported.js';

export function registerPlaybooks(program: Command): void {
  unsupported(program, 'playbooks');
}

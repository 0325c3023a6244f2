import type { Command } from 'commander';
import { unsupported } from './unsupported.js';

export function registerKeys(program: Command): void {
  unsupported(program, 'keys');
}

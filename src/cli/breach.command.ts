import type { Command } from 'commander';
import { unsupported } from './unsupported.js';

export function registerBreach(program: Command): void {
  unsupported(program, 'breach');
}

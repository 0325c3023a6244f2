import type { Command } from 'commander';
import { unsupported } from './unsupported.js';

export function registerConfig(program: Command): void {
  unsupported(program, 'config');
}

import type { Command } from 'commander';
import { unsupported } from './unsupported.js';

export function registerDb(program: Command): void {
  unsupported(program, 'db');
}

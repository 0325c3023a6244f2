import type { Command } from 'commander';
import { unsupported } from './unsupported.js';

export function registerNormalise(program: Command): void {
  unsupported(program, 'normalise');
}

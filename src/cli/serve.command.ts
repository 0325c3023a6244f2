import type { Command } from 'commander';
import { unsupported } from './unsupported.js';

export function registerServe(program: Command): void {
  unsupported(program, 'serve');
}

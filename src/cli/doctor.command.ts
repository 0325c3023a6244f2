import type { Command } from 'commander';
import { unsupported } from './unsupported.js';

export function registerDoctor(program: Command): void {
  unsupported(program, 'doctor');
}

import type { Command } from 'commander';
import { unsupported } from './unsupported.js';

export function registerSend(program: Command): void {
  unsupported(program, 'send');
}

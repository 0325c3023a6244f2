import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
export const modules = join(root, 'node_modules');
export const dist = join(root, 'dist');
export const cli = join(dist, 'src', 'cli', 'main.js');

/** `npm run bench -- <name> [options]`: runs bench/<name>.mjs, prints its result as JSON and keeps it in bench/results. */
import { requireSupportedNode } from './lib/node-version.mjs';

requireSupportedNode();
import('./lib/bench.mjs').then(({ bench }) => bench(process.argv.slice(2)));

/**
 * `npm run demo`: the whole story on loopback, from a fresh clone with nothing but Node and npm. `--help` lists the options.
 */
import { requireSupportedNode } from './lib/node-version.mjs';

requireSupportedNode();
import('./demo/demo.mjs').then(({ demo }) => demo(process.argv.slice(2)));

/** `npm test`: installs and builds what is missing, then runs jest with the arguments given. */
import { requireSupportedNode } from './lib/node-version.mjs';

requireSupportedNode();
import('./lib/test.mjs').then(({ test }) => test(process.argv.slice(2)));

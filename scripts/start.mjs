/**
 * `npm start`: from a fresh clone to a running server with nothing but Node and npm. Arguments go to `cordon serve`.
 *
 * Only syntax and built-ins that old Node versions can read stand here, so that the version check is what they meet.
 */
import { requireSupportedNode } from './lib/node-version.mjs';

requireSupportedNode();
import('./lib/start.mjs').then(({ start }) => start(process.argv.slice(2)));

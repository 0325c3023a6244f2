/** `npm run build`: compiles into dist whether or not it is stale. */
import { requireSupportedNode } from './lib/node-version.mjs';

requireSupportedNode();
import('./lib/prepare.mjs').then(({ prepare, reportFailure }) => prepare({ rebuild: true }).catch(reportFailure));

/** The product as a child of the demo. Without its parent, however that ended, it drains and stops. */
import { pathToFileURL } from 'node:url';
import { cli } from '../lib/paths.mjs';

process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel.unref();
process.argv = [process.execPath, cli, 'serve', ...process.argv.slice(2)];
await import(pathToFileURL(cli).href);

import { startTestServer } from './test-server.js';

/** Once a test run, before the first file of a layer that needs a database. */
export default async function globalSetup() {
  const server = await startTestServer();
  globalThis.cordonTestServer = server;
  // jest does not call the tear-down after Ctrl-C.
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]]) {
    process.once(signal, () => {
      server.stop().catch(() => undefined).finally(() => process.exit(code));
    });
  }
}

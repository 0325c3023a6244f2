// The product in a process of its own, to be killed. Configuration file as argument, connections in the environment.
import { connectors } from '../../dist/src/connectors.js';
import { loadConfig } from '../../dist/src/config/index.js';
import { CordonApp } from '../../dist/src/create-app.js';
import { Telemetry } from '../../dist/src/platform/index.js';
import path from 'node:path';

const file = process.argv[2];
const database = JSON.parse(process.env.CORDON_TEST_CRASH_DATABASE);
const app = await CordonApp.create({
  config: loadConfig({ root: path.dirname(file), file }),
  telemetry: new Telemetry({ level: process.env.CORDON_TEST_LOG ?? "error" }),
  database,
  connectors,
});
const { port } = await app.listen('127.0.0.1', 0);
console.log(JSON.stringify({ port }));
process.once('SIGTERM', () => app.close().then(() => process.exit(0)));

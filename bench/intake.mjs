// Requests a second and latency of the intake (HTTP shell, HMAC, replay guard, de-duplication, event log) against a bare
// Fastify route that appends the raw body through the same group commit to the same log. 64 connections on loopback,
// records of 1 KB, load from a process of its own; 5 interleaved runs of each, medians.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { withCluster } from './lib/cluster.mjs';

const RUNS = 5;
const CONNECTIONS = 64;
const REQUESTS = 20_000;
const WARM_UP = 6_000;
const RECORD_BYTES = 1024;
const SECRET = 'benchmark-secret-benchmark-secret';

export default async function run() {
  return withCluster(async ({ directory, connections, child }) => {
    const config = path.join(directory, 'cordon.yaml');
    writeFileSync(path.join(directory, 'secret'), SECRET);
    writeFileSync(config, `dataDirectory: ${directory}/data\nsources:\n  bench: { stream: bench, auth: { type: hmac, keys: [{ secret: 'file:secret' }] } }\n`);
    const setting = { urls: connections, config, root: directory };
    const [product, reference, load] = [await child('intake-product.mjs'), await child('intake-reference.mjs'), await child('http-load.mjs')];
    const servers = { intake: await product.ask({ start: setting }), reference: await reference.ask({ start: setting }) };
    const atRest = await product.ask({ memory: true });
    const results = { intake: [], reference: [] };
    const shoot = (name, requests) => load.ask({ port: servers[name].port, path: servers[name].path, requests, connections: CONNECTIONS, recordBytes: RECORD_BYTES, secret: SECRET });
    for (const name of Object.keys(results)) await shoot(name, WARM_UP);
    for (let round = 0; round < RUNS; round += 1) for (const name of Object.keys(results)) results[name].push(await shoot(name, REQUESTS));
    const [intake, bare] = [medians(results.intake), medians(results.reference)];
    return {
      bench: 'intake', node: process.version, connections: CONNECTIONS, requests: REQUESTS, recordBytes: RECORD_BYTES, runs: RUNS,
      intake, reference: bare,
      ratio: round(intake.requestsPerSecond / bare.requestsPerSecond), p99Ratio: round(intake.p99Ms / bare.p99Ms),
      residentBytes: { atRest: atRest.rss, afterLoad: (await product.ask({ memory: true })).rss },
      requestsPerSecond: Object.fromEntries(Object.entries(results).map(([name, runs]) => [name, runs.map((one) => Math.round(one.requestsPerSecond))])),
    };
  });
}

const round = (value) => Number(value.toFixed(2));

function medians(runs) {
  const median = (key) => runs.map((one) => one[key]).sort((a, b) => a - b)[Math.floor(runs.length / 2)];
  return { requestsPerSecond: Math.round(median('requestsPerSecond')), p50Ms: round(median('p50Ms')), p99Ms: round(median('p99Ms')) };
}

// From a signed record to verified containment, through the whole product: intake, event log, normalise, detect, incident,
// playbook, governor, the action over HTTP and its read-back. Containments at a fixed rate over a background of other records.
import { createHmac, randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { durability, withCluster } from './lib/cluster.mjs';
import { scimTarget } from './lib/scim-target.mjs';
import { median, quantile, rounded } from './lib/statistics.mjs';

const SECONDS = 30;
const WARM_UP = 10;
const CONTAINMENTS_A_SECOND = 2;
const RECORDS_A_SECOND = 100;
const TARGET_DELAY_MS = 2;
const PATIENCE_MS = 30_000;
const SECRET = 'benchmark-secret-benchmark-secret';
const TOKEN = 'benchmark-token';
const RULE_ID = '5f0c3a52-52d6-4c0e-8d5f-8a3f0d5f0b01';
const RULE = `
title: The export that the bench watches for
id: ${RULE_ID}
level: high
logsource: { product: cordon, service: cordon.gateway }
detection: { selection: { cordon.gateway.route: /bench/export }, condition: selection }
`;
const PLAYBOOK = `
format: cordon.playbook/1
id: bench-containment
version: 1.0.0
title: Deactivate at once
trigger: { on: incident.opened }
context:
  schema: { type: object, properties: { account: { type: string } }, required: [account] }
  initial: { account: "\${ event.incident.subject.accounts[0] }" }
policy: { scim.deactivate-user: { mode: auto, undo: ask } }
machine:
  initial: deactivate
  states:
    deactivate: { invoke: { id: account, src: scim.deactivate-user, input: { user: "\${ context.account }" }, onDone: contained, onError: failed } }
    contained: { type: final, outcome: contained }
    failed: { type: final, outcome: failed }
`;
const now = () => performance.timeOrigin + performance.now();
const account = (n) => `user${n}@example.com`;

/** @param args seconds, default 30 */
export default async function run([seconds = String(SECONDS)] = []) {
  const count = Number(seconds) * CONTAINMENTS_A_SECOND;
  if (!Number.isInteger(count) || count <= 0) throw new Error('npm run bench -- path [seconds]');
  const target = await scimTarget({ delayMs: TARGET_DELAY_MS, token: TOKEN });
  try {
    return await withCluster(async ({ directory, connections, child }) => {
      const product = await child('path-product.mjs');
      const { url, key } = await product.ask({ start: { urls: connections, config: configure(directory, target.url), root: directory } });
      await directoryOf(count + WARM_UP, url, key);
      const before = loadavg();
      await containments({ url, from: 0, count: WARM_UP });
      await all(product, WARM_UP);
      target.latencies.length = 0;
      const { sent, background, late } = await containments({ url, from: WARM_UP, count });
      const state = await all(product, WARM_UP + count);
      const contained = new Map(state.contained);
      const millis = [...sent].map(([name, at]) => contained.get(name) - at);
      checked(state, target, count + WARM_UP);
      return {
        bench: 'path', node: process.version, durability: await durability(connections.appUrl), loadAverage: { before: before.map((n) => rounded(n)), after: loadavg().map((n) => rounded(n)) },
        profile: {
          rule: 'one event, promoted: a single source is evidence enough', modes: 'destructive: auto', approvalStep: false, capsAnHour: 10_000, capShare: '100 %', target: 'scim.deactivate-user over HTTP on loopback',
          containmentsASecond: CONTAINMENTS_A_SECOND, recordsASecond: RECORDS_A_SECOND, seconds: Number(seconds),
        },
        containments: millis.length, p50Ms: rounded(quantile(millis, 0.5)), p99Ms: rounded(quantile(millis, 0.99)), mostMs: rounded(Math.max(...millis)),
        target: { requests: target.latencies.length, delayMs: TARGET_DELAY_MS, p50Ms: rounded(quantile(target.latencies, 0.5)), p99Ms: rounded(quantile(target.latencies, 0.99)) },
        background: { records: background, sentLateMsP99: rounded(quantile(late, 0.99)) },
        medianMsOfStages: stagesOf(await product.ask({ stages: true })),
      };
    });
  } finally {
    await target.close();
  }
}

function configure(directory, scim) {
  mkdirSync(path.join(directory, 'rules'));
  mkdirSync(path.join(directory, 'playbooks/bench-containment'), { recursive: true });
  writeFileSync(path.join(directory, 'rules/export.yml'), RULE);
  writeFileSync(path.join(directory, 'playbooks/bench-containment/playbook.yaml'), PLAYBOOK);
  writeFileSync(path.join(directory, 'secret'), SECRET);
  writeFileSync(path.join(directory, 'token'), TOKEN);
  const file = path.join(directory, 'cordon.yaml');
  writeFileSync(file, `
dataDirectory: ${directory}/data
server: { port: 0 }
intake: { minFreeBytes: 0 }
sources:
  gateway: { stream: cordon.gateway, auth: { type: hmac, keys: [{ id: first, secret: "file:secret" }] } }
outbound: { allow: [127.0.0.1] }
connectors: { scim: { baseUrl: "${scim}", token: "file:token" } }
respond:
  modes: { destructive: auto }
  caps: { perHour: 10000, share: 100 }
  promotedRules: ["${RULE_ID}"]
`);
  return file;
}

/** Context knows everyone who is contained: the governor asks a person about strangers. */
async function directoryOf(count, url, key) {
  const numbers = Array.from({ length: count }, (_, n) => n);
  const files = [
    { name: 'people.csv', content: `person_id,name,email,criticality,break_glass\n${numbers.map((n) => `P-${n},Person ${n},${account(n)},low,no\n`).join('')}` },
    { name: 'accounts.csv', content: `account_id,system,kind,person,criticality,break_glass\n${numbers.map((n) => `${account(n)},directory,human,P-${n},low,no\n`).join('')}` },
  ];
  const response = await fetch(`${url}/v1/context/import`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: JSON.stringify({ source: 'bench', files }) });
  if (!response.ok) throw new Error(`import of the directory: ${response.status} ${await response.text()}`);
}

/** Sends records at their times, whether the product keeps up or not: a slow answer holds nothing up. */
async function containments({ url, from, count }) {
  const every = RECORDS_A_SECOND / CONTAINMENTS_A_SECOND;
  const sent = new Map();
  const late = [];
  const answers = [];
  const started = now();
  for (let index = 0; index < count * every; index += 1) {
    const due = started + (index * 1000) / RECORDS_A_SECOND;
    const wait = due - now();
    if (wait > 0) await sleep(wait);
    late.push(now() - due);
    const contained = index % every === 0 ? from + index / every : undefined;
    if (contained !== undefined) sent.set(account(contained), now());
    answers.push(send(url, contained === undefined ? { name: `reader${index % 500}`, route: '/bench/read' } : { name: account(contained), route: '/bench/export' }));
  }
  await Promise.all(answers);
  return { sent, late, background: count * (every - 1) };
}

async function send(url, { name, route }) {
  const body = JSON.stringify({ time: new Date().toISOString(), id: randomUUID(), route, user: { name }, request: { method: 'GET' }, response: { status: 200 } });
  const t = Math.floor(Date.now() / 1000);
  const v1 = createHmac('sha256', SECRET).update(`${t}.${body}`).digest('hex');
  const response = await fetch(`${url}/v1/intake/gateway`, {
    method: 'POST', headers: { 'content-type': 'application/json', 'x-cordon-delivery': randomUUID(), 'x-cordon-signature': `t=${t},v1=${v1}` }, body,
  });
  if (response.status !== 202) throw new Error(`intake answered ${response.status}: ${await response.text()}`);
  await response.arrayBuffer();
}

/** State of the product once so many are contained. */
async function all(product, count) {
  const last = now() + PATIENCE_MS;
  for (;;) {
    const state = await product.ask({ state: true });
    if (state.contained.length >= count) return state;
    if (now() > last) throw new Error(`${count - state.contained.length} of ${count} containments are missing: ${JSON.stringify(state)}`);
    await sleep(100);
  }
}

/** @throws where a run ended otherwise, or an account was not deactivated by exactly one request */
function checked({ runs }, { deactivations, inactive }, expected) {
  const fine = runs.length === 1 && runs[0].outcome === 'contained' && runs[0].count === expected;
  const once = inactive.size === expected && [...deactivations.values()].every((n) => n === 1);
  if (!fine || !once) throw new Error(`expected ${expected} containments: runs ${JSON.stringify(runs)}, deactivated ${inactive.size}, requests ${[...deactivations.values()].join(' ')}`);
}

const stagesOf = (rows) => Object.fromEntries(Object.keys(rows[0] ?? {}).map((name) => [name, rounded(median(rows.map((row) => row[name])), 1)]));

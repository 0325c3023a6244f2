// Runs a second of the playbook runtime against DBOS workflows of the same steps: both on one embedded PostgreSQL with equal
// durability, each in a process and a database of its own, with pools of one size; 5 interleaved rounds, medians.
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { durability, withClient, withCluster } from './lib/cluster.mjs';
import { median, quantile, rounded } from './lib/statistics.mjs';

const ROUNDS = 5;
const WORKLOADS = {
  'no-receive': { name: 'no-receive', steps: 5, receive: false },
  receive: { name: 'receive', steps: 4, receive: true },
};
const CONCURRENCIES = [1, 32];
const ROUND_MS = 3_000;
const DBOS_DATABASE = 'bench_dbos';

/** @param args names of workloads; default all */
export default async function run(args = []) {
  const chosen = args.length === 0 ? Object.keys(WORKLOADS) : args;
  if (!chosen.every((name) => Object.hasOwn(WORKLOADS, name))) throw new Error(`workloads: ${Object.keys(WORKLOADS).join(', ')}`);
  return withCluster(async ({ directory, connections, child }) => {
    await withClient(connections.superuserUrl, (client) => client.query(`CREATE DATABASE ${DBOS_DATABASE}`));
    const dbosUrl = inDatabase(connections.superuserUrl, DBOS_DATABASE);
    const config = path.join(directory, 'cordon.yaml');
    writeFileSync(config, `dataDirectory: ${directory}/data\n`);
    const [ours, dbos] = [await child('respond-product.mjs'), await child('respond-dbos.mjs')];
    const workloads = Object.values(WORKLOADS);
    const product = await ours.ask({ start: { urls: connections, config, root: directory, workloads } });
    const peer = await dbos.ask({ start: { url: dbosUrl, poolSize: product.poolSize, workloads } });
    const settings = [await durability(connections.appUrl), await durability(dbosUrl)];
    if (JSON.stringify(settings[0]) !== JSON.stringify(settings[1])) throw new Error(`not equally durable: ${JSON.stringify(settings)}`);
    const sides = { ours: { child: ours, url: connections.appUrl, loaded: { runs: 0, steps: 0 } }, dbos: { child: dbos, url: dbosUrl, loaded: { runs: 0, steps: 0 } } };
    const before = loadavg();
    const results = [];
    for (const name of chosen) for (const concurrency of CONCURRENCIES) results.push(await measure(WORKLOADS[name], concurrency, sides, connections.superuserUrl));
    return {
      bench: 'respond', node: process.version, rounds: ROUNDS, roundMs: ROUND_MS, durability: settings[0], loadAverage: { before: before.map((n) => rounded(n)), after: loadavg().map((n) => rounded(n)) },
      ours: product, dbos: peer, results,
      checks: { ours: verified('ours', await ours.ask({ check: true }), sides.ours.loaded), dbos: verified('dbos', await dbos.ask({ check: true }), sides.dbos.loaded) },
    };
  });
}

async function measure(workload, concurrency, sides, superuserUrl) {
  const load = { workload, millis: ROUND_MS, concurrency };
  const rounds = { ours: [], dbos: [] };
  for (const side of Object.values(sides)) await loaded(side, load);
  for (let round = 0; round < ROUNDS; round += 1) {
    // Who goes first changes, since what one leaves behind (WAL to write back) the next one pays.
    const order = round % 2 === 0 ? ['ours', 'dbos'] : ['dbos', 'ours'];
    for (const name of order) rounds[name].push(await counted(sides[name], superuserUrl, load));
  }
  const [ours, dbos] = [summary(rounds.ours), summary(rounds.dbos)];
  const ratios = rounds.ours.map((one, round) => rounded(rateOf(one) / rateOf(rounds.dbos[round])));
  return { workload: workload.name, steps: workload.steps, concurrency, ours, dbos, ratio: rounded(ours.runsPerSecond / dbos.runsPerSecond), ratioOfRounds: ratios };
}

async function loaded(side, load) {
  const round = await side.child.ask({ load });
  side.loaded.runs += round.latencies.length;
  side.loaded.steps += round.latencies.length * load.workload.steps;
  return round;
}

/** One round, with what it cost the database. */
async function counted(side, superuserUrl, load) {
  const { child, url } = side;
  const database = new URL(url).pathname.slice(1);
  await child.ask({ flush: true });
  const before = await costs(superuserUrl, database);
  const round = await loaded(side, load);
  await child.ask({ flush: true });
  const after = await costs(superuserUrl, database);
  return { ...round, transactions: after.transactions - before.transactions, walBytes: after.wal - before.wal, walSyncs: after.syncs - before.syncs };
}

/** Transactions of one database (those that only read count too) and the WAL of the cluster. */
async function costs(url, database) {
  return withClient(url, async (client) => {
    const { rows: [row] } = await client.query(
      `SELECT (SELECT xact_commit::float8 FROM pg_stat_database WHERE datname = $1) AS transactions, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS wal,
         (SELECT coalesce(sum(fsyncs), 0)::float8 FROM pg_stat_io WHERE object = 'wal') AS syncs`,
      [database],
    );
    return row;
  });
}

const rateOf = ({ millis, latencies }) => (latencies.length / millis) * 1000;

function summary(rounds) {
  const latencies = rounds.flatMap((round) => round.latencies);
  const perRun = (key) => median(rounds.map((round) => round[key] / round.latencies.length));
  return {
    runs: latencies.length, runsPerSecond: rounded(median(rounds.map(rateOf)), 1), p50Ms: rounded(quantile(latencies, 0.5)), p99Ms: rounded(quantile(latencies, 0.99)),
    transactionsPerRun: rounded(perRun('transactions')), walSyncsPerRun: rounded(perRun('walSyncs')), walBytesPerRun: Math.round(perRun('walBytes')),
  };
}

/** @throws where a run did not end, or a step did not run exactly once */
function verified(name, found, { runs, steps }) {
  const wrong = found.runs !== runs || found.ended !== runs || found.steps !== steps || found.calls !== steps || found.calledTwice !== 0;
  if (wrong) throw new Error(`${name}: expected ${runs} runs of ${steps} steps, found ${JSON.stringify(found)}`);
  return found;
}

function inDatabase(url, name) {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}

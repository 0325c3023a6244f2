/**
 * Records a second of `normaliseRecord` against JSON.parse + JSON.stringify of the same records: the least that any
 * normaliser must do. Each round times both, in turn; the result is the median of the rounds.
 */
import { connectors } from '../dist/src/connectors.js';
import { StreamRegistry } from '../dist/src/normalise/index.js';
import { normaliseRecord } from '../dist/src/sdk/index.js';

const ROUNDS = 5;
const RECORDS = 20_000;

/** Deterministic records of our own, of one stream each; `i` varies what varies in the field. */
const GENERATORS = {
  'cordon.gateway': (i) => ({
    time: new Date(1768469400000 + i * 37).toISOString(),
    id: `gw-${i}`,
    route: `/v1/customers/{id}/orders`,
    operation: 'listOrders',
    user: { id: `u-${i % 500}`, email: `user${i % 500}@example.com`, roles: ['support'] },
    token: { id: `tok-${i % 900}`, type: 'oauth', scopes: ['orders:read'] },
    client: { ip: `192.0.2.${i % 250}`, port: 1024 + (i % 60000), forwarded: [`198.51.100.${i % 250}`] },
    request: { id: `req-${i}`, method: 'GET', host: 'api.example.com', url: `https://api.example.com/v1/customers/${i}/orders?page=${i % 9}`, bytes: 300 + (i % 100) },
    response: { status: i % 50 === 0 ? 403 : 200, bytes: 2048 + (i % 9000), content_type: 'application/json', records: i % 40, duration_ms: 12.5 + (i % 30) },
    object_ids: [String(i)],
    device: { id: `dev-${i % 300}`, managed: i % 3 > 0, user_agent: 'ExampleClient/3.0 (bench)' },
    api: { name: 'customers', version: '1.4' },
  }),
  'traefik.access': (i) => ({
    ClientAddr: `192.0.2.${i % 250}:${1024 + (i % 60000)}`, ClientHost: `192.0.2.${i % 250}`, ClientUsername: i % 4 ? '-' : `user${i % 500}`,
    DownstreamContentSize: 100 + (i % 9000), DownstreamStatus: i % 30 === 0 ? 404 : 200, Duration: 1000000 + i, OriginStatus: 200,
    RequestAddr: 'shop.example.com', RequestContentSize: 0, RequestCount: i, RequestHost: 'shop.example.com', RequestMethod: 'GET', RequestPath: `/items/${i}?q=a`,
    RequestPort: '-', RequestProtocol: 'HTTP/1.1', RequestScheme: 'https', RouterName: 'shop@docker', ServiceAddr: '198.51.100.20:8080', ServiceName: 'shop@docker',
    StartUTC: new Date(1768469400000 + i * 37).toISOString().replace('Z', '123456Z'), level: 'info', msg: '', 'request_User-Agent': 'ExampleBrowser/5.0', time: '2026-01-15T09:30:00Z',
  }),
  'netskope.alerts': (i) => ({
    _id: `n-${i}`, timestamp: 1768469400 + i, alert: 'yes', alert_type: 'DLP', alert_name: 'Card numbers to private storage', action: 'block', user: `user${i % 500}@example.com`,
    srcip: `192.0.2.${i % 250}`, dstip: `203.0.113.${i % 250}`, app: 'Example Drive', url: `drive.example.net/upload/${i}`, file_type: 'text/csv', file_size: 1000 + i,
    dlp_profile: 'Payment cards', dlp_rule: 'Card number', dlp_rule_count: i % 90, dlp_rule_severity: 'High', policy: 'No cards', traffic_type: 'CloudApp',
  }),
};

export default function run() {
  const registry = new StreamRegistry(connectors);
  return {
    node: process.version,
    records: RECORDS,
    rounds: ROUNDS,
    streams: Object.entries(GENERATORS).map(([stream, generate]) => measure(registry.require(stream), generate)),
  };
}

function measure(source, generate) {
  const raws = Array.from({ length: RECORDS }, (_, i) => Buffer.from(JSON.stringify(generate(i))));
  const context = { receivedAt: new Date(1768470000000), recordId: '01900000-0000-7000-8000-000000000001' };
  const ours = () => {
    for (const raw of raws) if (normaliseRecord(source, raw, context).kind !== 'event') throw new Error('the bench records are not what the stream expects');
  };
  const reference = () => {
    let length = 0;
    for (const raw of raws) length += JSON.stringify(JSON.parse(raw.toString('utf8'))).length;
    return length;
  };
  ours();
  reference();
  const rounds = Array.from({ length: ROUNDS }, () => ({ ours: perSecond(ours), reference: perSecond(reference) }));
  return {
    stream: source.stream,
    bytes_per_record: Math.round(raws.reduce((sum, raw) => sum + raw.length, 0) / RECORDS),
    records_per_second: median(rounds.map((round) => round.ours)),
    reference_per_second: median(rounds.map((round) => round.reference)),
    ratio: Number((median(rounds.map((round) => (round.ours / round.reference) * 1000)) / 1000).toFixed(3)),
  };
}

function perSecond(work) {
  const start = process.hrtime.bigint();
  work();
  return Math.round((RECORDS / Number(process.hrtime.bigint() - start)) * 1e9);
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * What the sensors saw, as instalments in the order of time: each is what one sensor delivers at once. Times lie in the hours
 * before `now`, as if the company had watched all the while.
 */
import { company } from './company.mjs';

const MINUTE = 60_000;
const OFFICE = '192.0.2.20';
/** Exit addresses of a proxy service, one after the other. */
const PROXIES = Array.from({ length: 6 }, (_, index) => `198.51.100.${31 + index * 7}`);
const PAGE_BYTES = 21_000_000;
const PAGE_RECORDS = 1000;
const SLOW_PAGES = 6;
const FAST_PAGES = 28;
const BUCKET = 'avery-private';

/** Facts of the story that the steps count on and print. */
export const story = {
  pages: SLOW_PAGES + FAST_PAGES,
  customers: (SLOW_PAGES + FAST_PAGES) * PAGE_RECORDS,
  bytes: (SLOW_PAGES + FAST_PAGES) * PAGE_BYTES,
  addresses: PROXIES.length,
  bucket: BUCKET,
  /** Rules of `rules/` that have to see it, by id, and what each one correlates. */
  rules: {
    '4810699d-71a3-42ed-a9c0-b6de3705f94a': 'volume',
    '9b3945f7-a3dc-41a8-9f21-12a064e09f01': 'addresses',
    'a8c6ff9c-c0c0-4afe-9425-3dc504d2cf61': 'destination',
    '60a601f9-cfa2-4bfa-8ea8-da65efeefca3': 'two sensors within an hour',
    '5d7a9182-f628-4029-8b89-12ef4f333bd9': 'DLP alert',
    '4f1132c9-3b6b-4422-b0cd-11e8c5236b81': 'UEBA alert',
  },
};

/** @returns {{ source: string, minutesAgo: number, says: string, records: object[] }[]} */
export function instalments(now) {
  const at = (minutesAgo) => new Date(now - minutesAgo * MINUTE).toISOString();
  return [
    { source: 'gateway', minutesAgo: 240, says: 'two account managers look customers up, one by one', records: routine(at) },
    {
      source: 'gateway', minutesAgo: 200, says: `Avery pages through all customers, ${SLOW_PAGES} pages, slowly, from two addresses`,
      records: pages(at, { from: 200, every: 8, count: SLOW_PAGES, first: 1, addresses: PROXIES.slice(0, 2) }),
    },
    {
      source: 'gateway', minutesAgo: 130, says: `then ${FAST_PAGES} pages in 42 minutes, from ${PROXIES.length} addresses that rotate`,
      records: pages(at, { from: 130, every: 1.5, count: FAST_PAGES, first: SLOW_PAGES + 1, addresses: PROXIES }),
    },
    { source: 'dlp', minutesAgo: 80, says: `DLP: a file of customer records goes to the private bucket ${BUCKET}`, records: [dlpAlert(at(80))] },
    { source: 'ueba', minutesAgo: 70, says: 'UEBA: this is not how Avery uses the API', records: [uebaAlert(at(70), at(72))] },
    { source: 'gateway', minutesAgo: 60, says: `and the gateway is asked to export straight into ${BUCKET}`, records: [exportToBucket(at(60))] },
  ];
}

function routine(at) {
  const look = (person, minutesAgo, customer) => ({
    ...call(person, at(minutesAgo), OFFICE),
    route: '/v1/customers/{id}', request: { method: 'GET', host: 'api.example.com', url: `/v1/customers/${customer}` }, response: { status: 200, bytes: 4_200, records: 1 }, object_ids: [`customer-${customer}`],
  });
  return Array.from({ length: 12 }, (_, index) => look(index % 2 === 0 ? company.kim : company.avery, 240 - index * 3, 500 + index));
}

const pages = (at, { from, every, count, first, addresses }) =>
  Array.from({ length: count }, (_, index) => ({
    ...call(company.avery, at(from - index * every), addresses[index % addresses.length]),
    route: '/v1/customers', request: { method: 'GET', host: 'api.example.com', url: `/v1/customers?page=${first + index}&size=${PAGE_RECORDS}` },
    response: { status: 200, bytes: PAGE_BYTES, records: PAGE_RECORDS }, data_classes: ['customer'],
  }));

const exportToBucket = (time) => ({
  ...call(company.avery, time, PROXIES[0]),
  route: '/v1/exports', request: { method: 'POST', host: 'api.example.com', url: '/v1/exports' }, response: { status: 202, bytes: 300 }, data_classes: ['customer'],
  destination: { domain: `${BUCKET}.storage.example.net`, bucket: BUCKET, category: 'personal_cloud_storage' },
});

/** The token goes by its id; its value never leaves the gateway. */
const call = ({ account, email, idpId }, time, ip) => ({ time, user: { id: idpId, name: account, email }, token: { id: `session-${account}`, type: 'oauth' }, client: { ip }, gateway: { name: 'edge-1' } });

const dlpAlert = (time) => ({
  timestamp: time, alert: 'yes', alert_type: 'DLP', alert_name: 'Customer records to private storage', user: company.avery.email, severity: 'high', action: 'alert',
  dlp_profile: 'Customer records', dlp_rule: 'Name, address and contract number', dlp_rule_count: story.customers, app: 'Example Storage', object: 'customers.csv', domain: `${BUCKET}.storage.example.net`, srcip: PROXIES[0],
});

const uebaAlert = (time, detected) => ({
  time, operationName: 'User Risk Detection', category: 'UserRiskEvents',
  properties: {
    id: 'demo-risk-1', riskEventType: 'anomalousUserActivity', riskLevel: 'high', riskState: 'atRisk', detectedDateTime: detected, userPrincipalName: company.avery.email, ipAddress: PROXIES[1],
    additionalInfo: JSON.stringify([{ Key: 'reason', Value: 'API volume 40 times above the usual' }]),
  },
});

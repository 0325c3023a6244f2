import { defineSource, httpOutcome, jsonBySchema, nanoseconds, type RecordView } from '#sdk/index.js';
import { gatewayRecord, ONE_OF_PATHS, REQUIRED_KEYS } from './gateway-record.js';

/** Our own format for the access log of any API gateway: docs/sources/cordon-gateway.md. */
export const cordonGateway = defineSource({
  stream: 'cordon.gateway',
  title: 'API gateway access log in Cordon\'s own format',
  class: 'gateway',
  delivery: 'push',
  logsources: [{ category: 'webserver' }],
  parse: jsonBySchema(gatewayRecord, REQUIRED_KEYS),
  recognisedBy: ONE_OF_PATHS,
  constants: {
    'event.kind': 'event',
    'event.category': ['api', 'web'],
    'network.protocol': 'http',
  },
  fields: {
    '@timestamp': 'time',
    'event.id': 'id',
    'event.action': (record) => record.text('operation') ?? [record.text('request.method'), record.text('route')].filter(Boolean).join(' '),
    'event.type': (record) => ['access', isRefused(record) ? 'denied' : undefined],
    'event.outcome': httpOutcome('response.status'),
    'event.duration': nanoseconds('ms', 'response.duration_ms'),
    'event.reason': 'error',
    'user.id': 'user.id',
    'user.name': 'user.name',
    'user.email': 'user.email',
    'user.roles': 'user.roles',
    'client.ip': 'client.ip',
    'client.port': 'client.port',
    'source.ip': 'client.ip',
    'source.port': 'client.port',
    'network.forwarded_ip': 'client.forwarded.0',
    'network.bytes': (record) => sum(record.number('request.bytes'), record.number('response.bytes')),
    'http.request.id': 'request.id',
    'http.request.method': 'request.method',
    'http.request.bytes': 'request.bytes',
    'http.request.mime_type': 'request.content_type',
    'http.request.referrer': 'request.referrer',
    'http.response.status_code': 'response.status',
    'http.response.bytes': 'response.bytes',
    'http.response.mime_type': 'response.content_type',
    'url.domain': 'request.host',
    'destination.domain': 'destination.domain',
    'destination.ip': 'destination.ip',
    'destination.port': 'destination.port',
    'device.id': 'device.id',
    'user_agent.original': 'device.user_agent',
    'service.name': 'api.name',
    'service.version': 'api.version',
    'observer.name': 'gateway.name',
    'observer.product': 'gateway.product',
  },
  vendor: {
    'route': 'route',
    'operation': 'operation',
    'token.id': 'token.id',
    'token.type': 'token.type',
    'token.scopes': 'token.scopes',
    'client.forwarded': 'client.forwarded',
    'records_returned': 'response.records',
    'object_ids': 'object_ids',
    'data_classes': 'data_classes',
    'destination.url': 'destination.url',
    'destination.bucket': 'destination.bucket',
    'destination.category': 'destination.category',
    'device.managed': 'device.managed',
  },
  map(record, draft) {
    draft.url(record.text('request.url'));
    draft.relate('ip', ...record.list('client.forwarded'));
  },
});

/** Refused by the gateway for want of rights or by a limit, as opposed to failed. */
const isRefused = (record: RecordView): boolean => [401, 403, 429].includes(record.number('response.status') ?? 0);

const sum = (a: number | undefined, b: number | undefined): number | undefined => (a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0));

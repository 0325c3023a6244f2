import {
  communityId, defineSource, endpointPart, httpOutcome, httpVersion, jsonOrLine, parseEndpoint, urlParts, type EcsDraft, type RecordView,
} from '#sdk/index.js';
import { readCommonLog } from './common-log.js';

/** Traefik's access log in the JSON and the common format, versions 1 to 3. */
export const traefikAccess = defineSource({
  stream: 'traefik.access',
  title: 'Traefik access log',
  class: 'gateway',
  delivery: 'push',
  logsources: [{ product: 'traefik', category: 'webserver', service: 'access' }],
  framing: 'text',
  parse: jsonOrLine(readCommonLog),
  recognisedBy: ['RequestMethod', 'RequestPath', 'DownstreamStatus', 'ClientAddr', 'RequestLine'],
  absent: ['-'],
  constants: {
    'event.kind': 'event',
    'event.category': ['web'],
    'event.type': ['access'],
    'network.transport': 'tcp',
    'observer.vendor': 'traefik',
    'observer.product': 'traefik',
    'observer.type': 'proxy',
  },
  fields: {
    '@timestamp': ['StartUTC', 'time', 'StartLocal'],
    'event.duration': 'Duration',
    'event.outcome': httpOutcome('DownstreamStatus', 'OriginStatus'),
    'http.request.method': 'RequestMethod',
    'http.request.body.bytes': 'RequestContentSize',
    'http.request.referrer': ['request_Referer', 'request_referer'],
    'http.response.status_code': 'DownstreamStatus',
    'http.response.body.bytes': 'DownstreamContentSize',
    'http.version': httpVersion('RequestProtocol'),
    'source.address': ['ClientAddr', 'ClientHost'],
    'source.ip': endpointPart('ip', 'ClientAddr', 'ClientHost'),
    'source.domain': endpointPart('domain', 'ClientAddr', 'ClientHost'),
    'source.port': endpointPart('port', 'ClientAddr'),
    'network.forwarded_ip': (record) => forwardedClient(record),
    'user.name': 'ClientUsername',
    'user_agent.original': ['request_User-Agent', 'request_user-agent'],
    'observer.ingress.interface.name': 'entryPointName',
    'observer.egress.interface.name': ['ServiceName', 'BackendName'],
    'rule.name': ['RouterName', 'FrontendName'],
    'tls.cipher': 'TLSCipher',
    'tls.version': (record) => record.text('TLSVersion')?.replace(/^TLS ?/i, ''),
    'trace.id': 'TraceId',
    'span.id': 'SpanId',
    'log.level': 'level',
    'message': 'msg',
  },
  map(record, draft) {
    mapUrl(record, draft);
    mapServer(record, draft);
    draft.set('network.community_id', communityId(draft));
  },
});

/** ClientHost is taken from X-Forwarded-For where Traefik trusts it, and then differs from the peer in ClientAddr. */
function forwardedClient(record: RecordView): string | undefined {
  const peer = parseEndpoint(record.text('ClientAddr') ?? '')?.ip;
  const client = parseEndpoint(record.text('ClientHost') ?? '')?.ip;
  return peer !== undefined && peer !== client ? client : undefined;
}

/** The URL as the client wrote it, as far as the log states its parts. */
function mapUrl(record: RecordView, draft: EcsDraft): void {
  const path = record.text('RequestPath');
  const host = record.text('RequestHost') ?? record.text('RequestAddr');
  const port = record.text('RequestPort');
  const scheme = record.text('RequestScheme');
  const authority = host ? host + (port && !host.endsWith(`:${port}`) ? `:${port}` : '') : '';
  draft.set('url.domain', host ? (parseEndpoint(host)?.ip ?? parseEndpoint(host)?.domain ?? host) : undefined);
  draft.set('url.port', port);
  draft.set('url.scheme', scheme);
  draft.set('url.original', `${scheme && authority ? `${scheme}://` : ''}${authority}${path ?? ''}`);
  const parts = urlParts(path ?? '');
  draft.set('url.path', parts.path);
  draft.set('url.query', parts.query);
  draft.set('url.extension', parts.extension);
}

/** The server that Traefik passed the request to: `ip:port` in the JSON format, a URL in the common format. */
function mapServer(record: RecordView, draft: EcsDraft): void {
  const url = record.text('ServerURL');
  const address = url?.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '') ?? record.text('ServiceAddr', 'BackendAddr');
  if (!address) return;
  const server = parseEndpoint(address);
  draft.set('destination.address', url ? address : (server?.ip ?? server?.domain ?? address));
  draft.set('destination.ip', server?.ip);
  draft.set('destination.domain', server?.domain);
  draft.set('destination.port', server?.port);
}

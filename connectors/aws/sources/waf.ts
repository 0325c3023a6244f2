import { defineSource, httpOutcome, parseEndpoint, type EcsDraft, type RecordView } from '#sdk/index.js';

/** AWS WAF v2 web ACL log. https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html */
export const awsWaf = defineSource({
  stream: 'aws.waf',
  title: 'AWS WAF web ACL log',
  class: 'gateway',
  delivery: 'push',
  logsources: [{ product: 'aws', category: 'webserver', service: 'waf' }],
  recognisedBy: ['webaclId', 'httpRequest', 'terminatingRuleId'],
  absent: ['-'],
  constants: {
    'event.kind': 'event',
    'event.category': ['web', 'network'],
    'cloud.provider': 'aws',
  },
  fields: {
    '@timestamp': 'timestamp',
    'event.action': 'action',
    'event.type': (record) => ['access', verdict(record)],
    'event.outcome': httpOutcome('responseCodeSent'),
    'http.request.id': 'httpRequest.requestId',
    'http.request.method': 'httpRequest.httpMethod',
    'http.request.body.bytes': 'requestBodySize',
    'http.request.referrer': (record) => header(record, 'referer'),
    'http.response.status_code': 'responseCodeSent',
    'rule.id': 'terminatingRuleId',
    'rule.ruleset': 'terminatingRuleType',
    'source.ip': 'httpRequest.clientIp',
    'source.geo.country_iso_code': 'httpRequest.country',
    'source.as.number': 'clientAsn',
    'tls.client.ja3': 'ja3Fingerprint',
    'url.domain': (record) => hostName(record.text('httpRequest.host') ?? header(record, 'host')),
    'url.path': 'httpRequest.uri',
    'url.query': 'httpRequest.args',
    'url.scheme': 'httpRequest.scheme',
    'url.fragment': 'httpRequest.fragment',
    'user_agent.original': (record) => header(record, 'user-agent'),
  },
  map(record, draft) {
    mapProtocol(record, draft);
    mapArn(record, draft);
  },
});

/** CAPTCHA and CHALLENGE are neither: the request is answered with a test. */
function verdict(record: RecordView): 'allowed' | 'denied' | undefined {
  const action = record.text('action')?.toUpperCase();
  return action === 'ALLOW' ? 'allowed' : action === 'BLOCK' ? 'denied' : undefined;
}

function header(record: RecordView, name: string): string | undefined {
  for (const item of record.list('httpRequest.headers')) {
    if (typeof item !== 'object' || item === null || !('name' in item) || !('value' in item)) continue;
    if (typeof item.name === 'string' && item.name.toLowerCase() === name && typeof item.value === 'string') return item.value;
  }
  return undefined;
}

function hostName(host: string | undefined): string | undefined {
  if (host === undefined) return undefined;
  const endpoint = parseEndpoint(host);
  return endpoint?.ip ?? endpoint?.domain ?? host;
}

/** `HTTP/1.1` names protocol and version; HTTP runs over TCP, up to version 2. */
function mapProtocol(record: RecordView, draft: EcsDraft): void {
  const match = /^([A-Za-z]+)\/([\d.]+)$/.exec(record.text('httpRequest.httpVersion') ?? '');
  if (!match) return;
  const [, protocol = '', version = ''] = match;
  draft.set('network.protocol', protocol.toLowerCase());
  draft.set('http.version', version);
  if (protocol.toLowerCase() === 'http') draft.set('network.transport', version.startsWith('3') ? 'udp' : 'tcp');
}

/** `arn:<partition>:wafv2:<region>:<account>:<resource>` of the web ACL. WAF Classic gives a bare id instead. */
function mapArn(record: RecordView, draft: EcsDraft): void {
  const [prefix, , service, region, account] = (record.text('webaclId') ?? '').split(':');
  if (prefix !== 'arn') return;
  draft.set('cloud.service.name', service);
  draft.set('cloud.region', region);
  draft.set('cloud.account.id', account);
}

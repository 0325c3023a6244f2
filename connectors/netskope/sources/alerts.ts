import { defineSource, lookup, lowerCase, severity, type EcsDraft, type RecordView } from '#sdk/index.js';

/**
 * Netskope alerts in two shapes: as Cloud Exchange ships them (already below ECS names and `netskope.alerts`), and as the REST
 * API v2 and webhooks give them (flat, vendor names). https://docs.netskope.com/en/rest-api-v2-overview/
 */
export const netskopeAlerts = defineSource({
  stream: 'netskope.alerts',
  title: 'Netskope alerts',
  class: 'dlp',
  delivery: 'push',
  logsources: [{ product: 'netskope', service: 'alerts' }],
  recognisedBy: ['netskope.alerts', 'alert_type', 'alert_name'],
  absent: ['null', 'N/A'],
  constants: {
    'observer.vendor': 'Netskope',
    'observer.product': 'Netskope',
  },
  fields: {
    '@timestamp': ['@timestamp', 'timestamp', 'netskope.alerts.insertion_epoch_timestamp', '_insertion_epoch_timestamp'],
    'event.id': ['event.id', '_id'],
    'event.kind': (record) => (saysNo(record.value('netskope.alerts.is_alert', 'alert')) ? 'event' : 'alert'),
    'event.category': (record) => classOf(record).category,
    'event.type': (record) => [...classOf(record).type, ...verdict(record)],
    'event.action': ['netskope.alerts.action', 'action'],
    'event.severity': severity([
      'netskope.alerts.severity.level', 'netskope.alerts.dlp.rule.severity', 'netskope.alerts.malware.severity', 'netskope.alerts.malsite.severity.level',
      'severity', 'severity_level', 'dlp_rule_severity', 'malware_severity',
    ], { unknown: 'informational' }),
    'event.reason': ['netskope.alerts.alert.name', 'alert_name'],
    'rule.name': ['netskope.alerts.policy.name', 'policy'],
    'rule.category': ['netskope.alerts.alert.type', 'alert_type'],
    'source.ip': ['source.ip', 'netskope.alerts.user.ip', 'srcip', 'userip'],
    'source.address': ['source.address', 'srcip', 'userip'],
    'source.port': ['source.port', 'src_port'],
    'destination.ip': ['destination.ip', 'dstip'],
    'destination.address': ['destination.address', 'dstip'],
    'destination.port': ['destination.port', 'dst_port', 'dstport'],
    'destination.domain': ['destination.domain', 'domain', 'dsthost'],
    'network.protocol': lowerCase('network.protocol', 'protocol'),
    'network.application': ['netskope.alerts.app.name', 'app'],
    'host.hostname': ['host.hostname', 'hostname'],
    'file.name': ['file.name', 'filename', 'object'],
    'file.path': ['file.path', 'file_path'],
    'file.size': ['file.size', 'file_size'],
    'file.mime_type': (record) => members(record, 'file.mime_type', 'file_type'),
    'file.hash.md5': ['file.hash.md5', 'md5', 'local_md5'],
    'file.hash.sha256': ['file.hash.sha256', 'local_sha256', 'sha256'],
    'threat.indicator.file.hash.md5': 'threat.indicator.file.hash.md5',
    'threat.indicator.file.hash.sha256': 'threat.indicator.file.hash.sha256',
    'user.email': (record) => accounts(record).filter((account) => account.includes('@')),
    'user.name': (record) => accounts(record).filter((account) => !account.includes('@')),
    'user.group.name': ['user.group.name', 'usergroup'],
    'user_agent.name': ['user_agent.name', 'browser'],
    'user_agent.version': ['user_agent.version', 'browser_version'],
    'user_agent.original': ['user_agent.original', 'useragent'],
    'user_agent.os.name': ['user_agent.os.name', 'os'],
    'user_agent.os.version': ['user_agent.os.version', 'os_version'],
    'http.request.referrer': ['netskope.alerts.referer', 'referer'],
  },
  dlp: {
    'policy.name': ['netskope.alerts.dlp.profile', 'dlp_profile'],
    'rule.name': ['netskope.alerts.dlp.rule.name', 'dlp_rule'],
    'match_count': ['netskope.alerts.dlp.rule.count', 'dlp_rule_count'],
    'incident_id': ['netskope.alerts.dlp.incident.id', 'dlp_incident_id'],
    'action': (record) => (record.has('netskope.alerts.dlp', 'dlp_rule', 'dlp_profile') ? record.text('netskope.alerts.action', 'action') : undefined),
    'channel': (record) => (record.has('netskope.alerts.dlp', 'dlp_rule', 'dlp_profile') ? channel(record) : undefined),
    'detection_system': ['netskope.alerts.detection.engine', 'detection_engine'],
  },
  vendor: (record) => record.object('netskope.alerts') ?? record.root,
  map(record, draft) {
    mapGeo(record, draft, 'source');
    mapGeo(record, draft, 'destination');
    draft.url(unescape(record.text('netskope.alerts.url', 'url')), { hostFirst: true });
    draft.relate('ip', record.value('netskope.alerts.user.ip', 'userip'));
    draft.relate('hosts', record.value('netskope.alerts.domain'));
  },
});

/** Cloud Exchange writes several values of a field as an object with the keys 1, 2, … */
function members(record: RecordView, ...paths: readonly string[]): readonly unknown[] {
  const value = record.value(...paths);
  return typeof value === 'object' && value !== null ? Object.values(value) : [value];
}

/** The alert's users: `user` is a mail address, or a bare login name where the directory gives none. */
const accounts = (record: RecordView): string[] =>
  members(record, 'user.email', 'user', 'userkey').filter((account) => typeof account === 'string');

interface EventClass {
  readonly category: readonly string[];
  readonly type: readonly string[];
}

const UNKNOWN: EventClass = { category: [], type: [] };
const CLASSES = lookup<EventClass>({
  dlp: { category: ['file', 'network'], type: ['access'] },
  policy: { category: ['network'], type: ['access'] },
  nspolicy: { category: ['network'], type: ['access'] },
  quarantine: { category: ['file', 'network'], type: ['change'] },
  malware: { category: ['malware'], type: ['info'] },
  malsite: { category: ['web', 'network'], type: ['access'] },
  ctep: { category: ['intrusion_detection', 'network'], type: ['info'] },
  uba: { category: ['session'], type: ['info'] },
  anomaly: { category: ['session'], type: ['info'] },
  'compromised credential': { category: ['iam'], type: ['info', 'user'] },
  breach: { category: ['iam'], type: ['info', 'user'] },
  'security assessment': { category: ['configuration'], type: ['info'] },
  remediation: { category: ['configuration'], type: ['change'] },
}, 'netskope.alerts.type', 'alert_type', 'netskope.alerts.alert.type');

/** An alert type that is not listed gets no category rather than a guess. */
const classOf = (record: RecordView): EventClass => CLASSES(record) ?? UNKNOWN;

const TAKES_VERDICT = new Set(['network', 'intrusion_detection']);

function verdict(record: RecordView): readonly string[] {
  if (!classOf(record).category.some((category) => TAKES_VERDICT.has(category))) return [];
  const action = record.text('netskope.alerts.action', 'action')?.toLowerCase();
  if (action === 'block' || action === 'quarantine') return ['denied'];
  return action === 'allow' || action === 'bypass' ? ['allowed'] : [];
}

function channel(record: RecordView): string | undefined {
  const traffic = record.text('netskope.alerts.traffic.type', 'traffic_type')?.toLowerCase();
  return traffic === 'cloudapp' ? 'cloud' : traffic === 'web' ? 'web' : undefined;
}

const saysNo = (value: unknown): boolean => value === false || (typeof value === 'string' && /^(?:no|false)$/i.test(value));

/** Cloud Exchange escapes slashes once or twice: `https:\\/\\/www.example.com`. */
const unescape = (text: string | undefined): string | undefined => text?.replace(/\\+\//g, '/');

function mapGeo(record: RecordView, draft: EcsDraft, side: 'source' | 'destination'): void {
  const flat = side === 'source' ? 'src' : 'dst';
  const lat = record.number(`${side}.geo.location.lat`, `${flat}_latitude`);
  const lon = record.number(`${side}.geo.location.lon`, `${flat}_longitude`);
  if (lat !== undefined && lon !== undefined) draft.set(`${side}.geo.location`, { lat, lon });
  draft.set(`${side}.geo.country_iso_code`, record.text(`${side}.geo.country_iso_code`, `${flat}_country`));
  draft.set(`${side}.geo.city_name`, record.text(`${side}.geo.city_name`, `${flat}_location`));
  draft.set(`${side}.geo.region_name`, record.text(`${side}.geo.region_name`, `${flat}_region`));
  draft.set(`${side}.geo.postal_code`, record.text(`${side}.geo.postal_code`, `${flat}_zipcode`));
  draft.set(`${side}.geo.timezone`, record.text(`${side}.geo.timezone`, `${flat}_timezone`));
}

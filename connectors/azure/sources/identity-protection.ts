import { defineSource, nanoseconds, severity, splitAccount, type EcsDraft, type RecordView } from '#sdk/index.js';

/**
 * Microsoft Entra ID Protection as the diagnostic settings export it: risky users and risk detections.
 * https://learn.microsoft.com/graph/api/resources/riskdetection, https://learn.microsoft.com/azure/azure-monitor/reference/tables/aaduserriskevents
 */
export const azureIdentityProtection = defineSource({
  stream: 'azure.identity_protection',
  title: 'Microsoft Entra ID Protection',
  class: 'ueba',
  delivery: 'push',
  logsources: [{ product: 'azure', service: 'riskdetection' }],
  recognisedBy: ['properties.riskLevel', 'properties.riskState', 'properties.riskEventType', 'operationName', 'category'],
  constants: { 'cloud.provider': 'azure' },
  fields: {
    '@timestamp': ['time', 'properties.lastUpdatedDateTime', 'properties.riskLastUpdatedDateTime'],
    'event.kind': (record) => (isDetection(record) ? 'alert' : 'event'),
    'event.category': (record) => [isSignIn(record) ? 'authentication' : 'iam'],
    'event.type': (record) => (isSignIn(record) ? ['info'] : ['info', 'user']),
    'event.action': 'operationName',
    'event.duration': nanoseconds('ms', 'durationMs'),
    // a risky user's record has the user's id here, which is no id of the event
    'event.id': (record) => (isDetection(record) ? record.text('properties.id') : undefined),
    'event.start': 'properties.activityDateTime',
    'event.created': 'properties.detectedDateTime',
    'event.reason': ['properties.riskEventType', 'properties.riskType'],
    'event.severity': severity('properties.riskLevel', { hidden: 'informational' }),
    'event.provider': 'properties.source',
    'rule.name': (record) => (isDetection(record) ? record.text('properties.riskEventType', 'properties.riskType') : undefined),
    'cloud.account.id': 'tenantId',
    'source.ip': ['callerIpAddress', 'properties.ipAddress'],
    'source.geo.city_name': 'properties.location.city',
    'source.geo.region_name': 'properties.location.state',
    'source.geo.country_iso_code': 'properties.location.countryOrRegion',
    'source.geo.location': (record) => geoPoint(record),
    'user.id': (record) => record.text('properties.userId') ?? (isDetection(record) ? undefined : record.text('properties.id')),
    'user.full_name': 'properties.userDisplayName',
    'http.request.id': 'properties.requestId',
  },
  map(record, draft) {
    const account = splitAccount(record.text('properties.userPrincipalName') ?? '');
    draft.set('user.email', account?.email).set('user.name', account?.name).set('user.domain', account?.domain);
    mapAdditionalInfo(record, draft);
  },
});

/** A single detection, the product's verdict; the other records state a user's risk. */
const isDetection = (record: RecordView): boolean => record.has('properties.riskEventType', 'properties.riskType');
const isSignIn = (record: RecordView): boolean => record.text('properties.activity')?.toLowerCase() === 'signin';

function geoPoint(record: RecordView): { lat: number; lon: number } | undefined {
  const lat = record.number('properties.location.geoCoordinates.latitude');
  const lon = record.number('properties.location.geoCoordinates.longitude');
  return lat === undefined || lon === undefined ? undefined : { lat, lon };
}

/** `additionalInfo` is a JSON array of key and value, written as text. */
function mapAdditionalInfo(record: RecordView, draft: EcsDraft): void {
  for (const item of parseList(record.value('properties.additionalInfo'))) {
    if (typeof item !== 'object' || item === null || !('Key' in item) || !('Value' in item)) continue;
    if (item.Key === 'userAgent') draft.set('user_agent.original', item.Value);
    if (item.Key === 'alertUrl') draft.set('event.url', item.Value);
    if (item.Key === 'mitreTechniques' && typeof item.Value === 'string') {
      draft.set('threat.framework', 'MITRE ATT&CK').set('threat.technique.id', item.Value.split(/[\s,]+/));
    }
  }
}

function parseList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'string') return [];
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

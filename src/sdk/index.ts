/** All that a connector may import: how to define it, how to read a record, how to write a document, how to act. */
export { ActionFailure, duration, Secret, SinkFailure } from '../kernel/index.js';
export type { ActionFailureOptions, Delivery, Dialer, EntityRef, HttpClient, HttpRequest, HttpResponse, JsonObject, JsonValue, Resolved, Sink, SinkDocument, Verification } from '../kernel/index.js';
export { defineAction, notVerified, unverifiable, verified, type ActionContext, type ActionDefinition, type ActionParts, type ConnectorAction, type Done } from './action.js';
export { expectStatus } from './answer.js';
export { httpUrl, secret } from './config-fields.js';
export { defineConnector, type Connector, type ConnectorDefinition, type EvidenceLevel } from './connector.js';
export { DLP_FIELDS, type DlpField } from './dlp.js';
export type { EcsField, RelatedKind } from './ecs/ecs-fields.js';
export { ECS_VERSION } from './ecs/ecs-table.generated.js';
export { ecsViolations, type Violation } from './ecs/violations.js';
export { pathSegment } from './path-segment.js';
export { settle } from './settle.js';
export { normaliseRecord, type NormaliseResult, type RecordContext } from './engine/normalise-record.js';
export { splitAccount, type AccountParts } from './mapping/account.js';
export { formatMac, parseEndpoint, parseIp, parsePort, type Endpoint } from './mapping/address.js';
export { cleanJson, storableText } from './mapping/clean-json.js';
export { toNanoseconds, type DurationUnit } from './mapping/duration.js';
export type { EcsDraft } from './mapping/ecs-draft.js';
export { parseTime, type TimeOptions } from './mapping/parse-time.js';
export type { RecordView } from './mapping/record-view.js';
export { communityId, endpointPart, httpOutcome, httpVersion, lookup, lowerCase, nanoseconds, severity } from './mapping/rules.js';
export { SEVERITY, severityOf } from './mapping/severity.js';
export { urlParts, type UrlParts } from './mapping/url-parts.js';
export { jsonBySchema, jsonObject, jsonOrLine, type ParseReport, type RecordParser } from './parsers.js';
export { recordErrors } from './record.errors.js';
export { defineSink, type ConnectorSink, type SinkDefinition, type SinkParts } from './sink.js';
export {
  defineSource, SOURCE_CLASSES,
  type ConstantTable, type DlpTable, type FieldRule, type FieldTable, type Framing, type LogSource, type Source, type SourceClass, type SourceDefinition, type VendorTable,
} from './source.js';

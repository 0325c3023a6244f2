import { z } from 'zod';

const text = z.string().min(1).max(4096);
const count = z.int().min(0);
const ip = z.union([z.ipv4(), z.ipv6()], { error: 'Invalid input: expected an IP address' });
const port = z.int().min(0).max(65535);

/**
 * One API call as a gateway logs it. Documented in docs/sources/cordon-gateway.md, whose table and JSON Schema are held
 * against this schema by a test. A new field is added here, in `gateway.ts` and, by the test's update run, in the docs.
 */
export const gatewayRecord = z.strictObject({
  time: z.iso.datetime({ offset: true }).describe('When the call was received: RFC 3339 with a zone'),
  id: text.optional().describe('Id of this log entry; becomes event.id'),
  route: text.optional().describe('Route template that matched, e.g. /v1/customers/{id}; absent for a path without a route'),
  operation: text.optional().describe('Name of the operation, e.g. the OpenAPI operationId'),
  user: z.strictObject({
    id: text.optional().describe('Stable id of the caller in the identity provider'),
    name: text.optional().describe('Login name'),
    email: text.optional().describe('Mail address; name and domain are derived from it where name is absent'),
    roles: z.array(text).optional().describe('Roles or groups that the token carried'),
  }).optional(),
  token: z.strictObject({
    id: text.optional().describe('Id of the token or API key (jti, key id), never the secret'),
    type: text.optional().describe('Kind of credential: session, api_key, oauth, mtls, …'),
    scopes: z.array(text).optional().describe('Scopes that the token carried'),
  }).optional(),
  client: z.strictObject({
    ip: ip.optional().describe('Address of the caller as the gateway determined it'),
    port: port.optional().describe('Port of the caller'),
    forwarded: z.array(ip).optional().describe('Chain of X-Forwarded-For, first hop first, as received'),
  }).optional(),
  request: z.strictObject({
    id: text.optional().describe('Request id given by the gateway'),
    method: text.optional().describe('HTTP method'),
    host: text.optional().describe('Host that was asked for'),
    url: text.optional().describe('URL or path with query as the client sent it'),
    bytes: count.optional().describe('Bytes received from the client'),
    content_type: text.optional().describe('Media type of the request body'),
    referrer: text.optional().describe('Referer header'),
  }).optional(),
  response: z.strictObject({
    status: z.int().min(100).max(599).optional().describe('HTTP status'),
    bytes: count.optional().describe('Bytes sent to the client'),
    content_type: text.optional().describe('Media type of the response body'),
    records: count.optional().describe('Number of business records (rows, documents) in the response'),
    duration_ms: z.number().min(0).optional().describe('Time from request to response in milliseconds'),
  }).optional(),
  object_ids: z.array(text).max(1000).optional().describe('Ids of the objects that were read or changed'),
  data_classes: z.array(text).optional().describe('Classes of the data that was returned: pii, phi, card, secret, …'),
  destination: z.strictObject({
    domain: text.optional().describe('Host to which data was sent by this call (export, webhook, share)'),
    ip: ip.optional().describe('Its address'),
    port: port.optional().describe('Its port'),
    url: text.optional().describe('Full URL of the destination'),
    bucket: text.optional().describe('Storage bucket or container'),
    category: text.optional().describe('Category: personal_cloud_storage, webmail, paste_site, partner, internal, …'),
  }).optional(),
  device: z.strictObject({
    id: text.optional().describe('Id of the device'),
    managed: z.boolean().optional().describe('Whether the company manages the device'),
    user_agent: text.optional().describe('User-Agent header'),
  }).optional(),
  api: z.strictObject({
    name: text.optional().describe('Name of the API'),
    version: text.optional().describe('Version of the API'),
  }).optional(),
  gateway: z.strictObject({
    name: text.optional().describe('Name of the gateway instance'),
    product: text.optional().describe('Product: kong, apigee, envoy, …'),
  }).optional(),
  error: text.optional().describe('Why the gateway refused the call, when it did'),
});

/** Without these a record is unreadable. */
export const REQUIRED_KEYS = ['time'] as const;

/** One of them must be there. A call of an endpoint that nobody documented has neither route nor operation, and matters most. */
export const ONE_OF_PATHS = ['route', 'operation', 'request.url'] as const;

import { z } from 'zod';
import { duration, secretReference } from '../kernel/index.js';
import { allowEntry } from './allow-entry.js';
import { runtimeKeys } from './runtime-schema.js';
import { governorKeys } from './governor-schema.js';

const bytes = (fallback: number) => z.int().positive().default(fallback);

const isZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

const hmacKey = z.strictObject({
  id: z.string().min(1).default('main').describe('Name of the key, shown in logs and metrics instead of the key.'),
  secret: secretReference.describe('The key: env:NAME or file:PATH (relative to this file).'),
});

const sourceAuth = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('hmac').describe('HMAC-SHA256 over `t.body` in X-Cordon-Signature.'),
    keys: z.array(hmacKey).min(1).describe('Active keys; several at once let a sender rotate.'),
    tolerance: duration('5m').describe('How far the signed time may lie from the server clock, both ways.'),
  }),
  z.strictObject({
    type: z.literal('bearer').describe('`Authorization: Bearer <token>`.'),
    keys: z.array(hmacKey).min(1).describe('Accepted tokens.'),
  }),
  z.strictObject({
    type: z.literal('none').describe('Open: anyone who reaches the port may post. Shown as a warning by `cordon doctor` and at start.'),
  }),
]);

const fieldPolicyRule = z.strictObject({
  path: z.string().min(1).describe('Dotted path of the field in the received record; `*` stands for any one key, arrays are entered.'),
  action: z.enum(['mask', 'hash', 'tokenise', 'drop']).describe('mask: fixed text; hash: keyed SHA-256; tokenise: deterministic token of the class; drop: remove the field.'),
  class: z.string().min(1).default('default').describe('Token class; equal values of one class give equal tokens, so rules and joins still work.'),
});

const sourceSchema = z.strictObject({
  stream: z.string().min(1).describe('Stream that maps the records, as listed by `cordon normalise --list`.'),
  auth: sourceAuth.describe('How senders prove themselves.'),
  dedupe: z
    .enum(['delivery', 'body', 'none'])
    .default('delivery')
    .describe('Key of a record: delivery id and index, hash of the record, or no de-duplication.'),
  fieldPolicy: z.array(fieldPolicyRule).default([]).describe('What happens to fields before the record is stored.'),
  quota: z.int().nonnegative().default(0).describe('Records per second this source may send; 0 is no limit.'),
  lateness: duration('5m').describe('How far behind the newest event time an event may arrive and still count in windows.'),
});

export const configSchema = z.strictObject({
  dataDirectory: z.string().min(1).default('data').describe('Where keys and the embedded database live, relative to the project root.'),
  server: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
      port: z.int().min(0).max(65535).default(8787).describe('Port to listen on; 0 takes a free one.'),
      publicUrl: z
        .url({ protocol: /^https?$/ })
        .refine((text) => new URL(text).href === `${new URL(text).origin}/`, 'must be scheme, host and port alone, such as https://cordon.example.com')
        .optional()
        .describe('Address by which people reach the pages: links in mails; with https, cookies are sent over TLS alone.'),
      drainTimeout: duration('15s').describe('How long a stop waits for requests and workers in flight.'),
    })
    .prefault({})
    .describe('HTTP server.'),
  database: z
    .strictObject({
      url: secretReference.or(z.url({ protocol: /^postgres(ql)?$/ })).optional().describe('External PostgreSQL 15+ as the application role; absent: the embedded database.'),
      ownerUrl: secretReference.or(z.url({ protocol: /^postgres(ql)?$/ })).optional().describe('The same database as the owner role, for migrations; absent: `url`.'),
      poolSize: z.int().min(2).max(200).default(10).describe('Connections this instance may hold.'),
      statementTimeout: duration('30s').describe('Longest run of one statement.'),
    })
    .prefault({})
    .describe('PostgreSQL.'),
  logging: z
    .strictObject({
      level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info').describe('Least level that is written.'),
    })
    .prefault({})
    .describe('Logs, JSON lines on stderr.'),
  keys: z
    .strictObject({
      master: secretReference.optional().describe('Encrypts quarantined records, 32 bytes in base64 or hex; generated for the embedded database.'),
      token: secretReference.optional().describe('Makes tokens and hashes of the field policy; generated for the embedded database.'),
      dedupe: secretReference.optional().describe('Keys the hash of received bodies; generated for the embedded database.'),
      audit: secretReference.optional().describe('Signs audit checkpoints; generated for the embedded database.'),
      admin: secretReference.optional().describe('First admin API key; generated for the embedded database.'),
    })
    .prefault({})
    .describe('Keys of this installation. With an external database all must be given, so that every instance has the same.'),
  intake: z
    .strictObject({
      maxBodyBytes: bytes(8 * 1024 * 1024).describe('Largest body as received.'),
      maxInflatedBytes: bytes(32 * 1024 * 1024).describe('Largest body after gzip.'),
      maxRecordBytes: bytes(1024 * 1024).describe('Largest single record.'),
      maxRecords: z.int().positive().default(10_000).describe('Most records in one delivery.'),
      maxDepth: z.int().positive().max(200).default(40).describe('Deepest nesting of a JSON record.'),
      commitRecords: z.int().positive().default(1000).describe('Most records in one group commit.'),
      queueBytes: bytes(64 * 1024 * 1024).describe('Bytes waiting for commit before new deliveries get 429.'),
      minFreeBytes: z.int().nonnegative().default(512 * 1024 * 1024).describe('Free space on the disk of the database files below which intake answers 429; embedded database only.'),
    })
    .prefault({})
    .describe('Limits of the intake.'),
  retention: z
    .strictObject({
      log: duration('30d').describe('How long raw records are kept.'),
      events: duration('7d').describe('How long normalised events are kept for search.'),
      dedupe: duration('7d').describe('How long de-duplication keys are kept.'),
      slowReaderLimit: duration('3d').describe('How long a trim waits for the slowest reader before it is marked lossy.'),
    })
    .prefault({})
    .describe('Retention.'),
  detect: z
    .strictObject({
      rules: z.array(z.string()).default(['rules']).describe('Folders and files with Sigma rules, relative to the project root.'),
      placeholders: z.record(z.string(), z.array(z.string())).default({}).describe('Values for `|expand` placeholders.'),
      checkpointInterval: duration('10s').describe('Longest time between two checkpoints of window state.'),
      suppression: duration('1h').describe('How long a correlation stays quiet for a group after it fired, while it keeps holding.'),
      maxFutureSkew: duration('5m').describe('How far ahead of its receive time an event may claim to be; more is capped.'),
      maxGroups: z.int().positive().default(100_000).describe('Most groups one correlation keeps; the stalest go first and are counted.'),
    })
    .prefault({})
    .describe('Detection.'),
  incident: z
    .strictObject({
      window: duration('24h').describe('Signals of one subject belong to one incident when their event times lie at most this far apart.'),
      reopenWithin: duration('7d').describe('How long after the last event of a closed incident a new signal of its subject re-opens it; later it opens another one.'),
    })
    .prefault({})
    .describe('Incidents.'),
  breach: z
    .strictObject({
      zone: z.string().default('UTC').refine(isZone, 'is no IANA time zone such as Europe/Berlin').describe('IANA time zone of the entity that is bound by breach notification; printed beside each deadline.'),
    })
    .prefault({})
    .describe('Breach notification.'),
  outbound: z
    .strictObject({
      allow: z
        .array(allowEntry)
        .default([])
        .describe('What may be called although it lies in a private range: a name (`idp.corp.example`), an address, a CIDR range, each with `:port` where only that port is meant.'),
      connectTimeout: duration('5s').describe('Longest wait for name, connection and TLS.'),
      timeout: duration('30s').describe('Longest wait for a whole answer.'),
      maxResponseBytes: bytes(10 * 1024 * 1024).describe('Largest answer, after decompression.'),
      maxConnections: z.int().min(1).max(1000).default(16).describe('Most connections at a time to one host and port.'),
      ca: z.string().min(1).optional().describe('File with further certificate authorities (PEM), relative to the project root.'),
      breaker: z
        .strictObject({
          failures: z.int().min(1).default(10).describe('Failures in a row (no answer, or 5xx) after which an origin is left alone.'),
          pause: duration('30s').describe('How long it is left alone before one request tries again.'),
        })
        .prefault({})
        .describe('Circuit breaker of each origin.'),
    })
    .prefault({})
    .describe('What leaves: calls of actions and sinks.'),
  audit: z
    .strictObject({
      digestInterval: duration('10s').describe('Accepted records are audited as one entry per this time.'),
      checkpointInterval: duration('1m').describe('Longest time from an entry of the audit trail to a signed checkpoint that vouches for it.'),
    })
    .prefault({})
    .describe('Audit trail.'),
  respond: z.strictObject({ ...runtimeKeys, ...governorKeys }).prefault({}).describe('Response.'),
  playbooks: z
    .record(
      z.string().min(1),
      z.strictObject({
        enabled: z.boolean().default(true).describe('Whether the playbook may start runs; those under way go on.'),
        params: z.record(z.string(), z.json()).default({}).describe('Parameters, as its `params` describes them; frozen into each run at its start.'),
      }),
    )
    .default({})
    .describe('Settings of single playbooks, by playbook id.'),
  forward: z
    .strictObject({
      sinks: z
        .record(
          z.string(),
          z.strictObject({
            feeds: z
              .array(z.enum(['facts', 'events']))
              .min(1)
              .default(['facts'])
              .describe('facts: signals, incidents, runs, approvals, cases; events: every normalised event.'),
            from: z.enum(['start', 'now']).default('start').describe('Where a sink that is new begins: with all that is kept, or with what comes from now on.'),
          }),
        )
        .default({})
        .describe('Sinks that documents are forwarded to, by connector id; each needs its section below connectors.'),
    })
    .prefault({})
    .describe('Forwarding to SIEMs.'),
  sources: z.record(z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'a source name has lower-case letters, digits, - and _'), sourceSchema).default({}).describe('Sensors that may send, by name: POST /v1/intake/<name>.'),
});

/** A connector as far as the configuration needs it: its section is `connectors.<id>`. */
export interface ConfigurableConnector {
  readonly id: string;
  readonly title: string;
  readonly config?: z.ZodType;
}

/** The whole schema: what the product knows by itself, and a section for each connector that takes one. */
export function schemaWith(connectors: readonly ConfigurableConnector[]) {
  const sections = connectors.flatMap(({ id, title, config }) => (config ? [[id, config.optional().describe(`Connector ${title}.`)] as const] : []));
  return configSchema.extend({ connectors: z.strictObject(Object.fromEntries(sections)).prefault({}).describe('Connectors whose actions may run, by id.') });
}

export type Config = z.output<typeof configSchema>;
export type SourceConfig = Config['sources'][string];
export type SourceAuth = SourceConfig['auth'];
export type FieldPolicyRule = SourceConfig['fieldPolicy'][number];

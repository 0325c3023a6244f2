import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { company } from './company.mjs';

/** Streams of the demo's sensors, by source name. Each signs with a key of its own. */
const STREAMS = { gateway: 'cordon.gateway', dlp: 'netskope.alerts', ueba: 'azure.identity_protection' };

/**
 * Writes the configuration and its secrets, as an operator would: the file holds no secret, only where each one is.
 *
 * @returns the file, and the keys by which the sensors sign
 */
export function writeConfiguration({ directory, port, targets: { identity, users, mail, elastic, splunk } }) {
  const secrets = join(directory, 'secrets');
  mkdirSync(secrets, { mode: 0o700 });
  const secret = (name, value) => {
    writeFileSync(join(secrets, name), value, { mode: 0o600 });
    return `file:secrets/${name}`;
  };
  const signingKeys = Object.fromEntries(Object.keys(STREAMS).map((name) => [name, randomBytes(32).toString('hex')]));
  const sources = Object.fromEntries(Object.entries(STREAMS).map(([name, stream]) => [name, { stream, auth: { type: 'hmac', keys: [{ secret: secret(`${name}.key`, signingKeys[name]) }] } }]));
  const url = `http://127.0.0.1:${port}`;
  const content = {
    dataDirectory: join(directory, 'data'),
    server: { port, publicUrl: url },
    sources,
    // All that is called in this story is on this machine; a private address has to be allowed by name.
    outbound: { allow: ['127.0.0.1'] },
    connectors: {
      oauth: {
        revocation: `${identity.url}/token/revocation`,
        introspection: `${identity.url}/token/introspection`,
        client: { id: identity.clientId, secret: secret('identity-client', identity.clientSecret) },
        grants: { url: `${identity.url}/admin/accounts/{account}/tokens`, token: secret('identity-admin', identity.adminToken), items: 'tokens' },
      },
      scim: { baseUrl: users.url, token: secret('directory-token', users.token) },
      email: { host: mail.host, port: mail.port, security: 'none', from: 'cordon@example.com', recipients: { approver: [company.morgan.email] } },
      elastic: { node: elastic.url, auth: { apiKey: secret('elastic-key', elastic.apiKey) } },
      splunk: { url: splunk.url, token: secret('splunk-token', splunk.token) },
    },
    forward: { sinks: { elastic: { feeds: ['facts', 'events'] }, splunk: {} } },
    playbooks: {
      'exfiltration-containment': { params: { mailTo: 'approver', url } },
      // It would answer the rotating addresses with a question of its own, about the same tokens.
      'compromised-token': { enabled: false },
    },
  };
  const file = join(directory, 'cordon.yaml');
  writeFileSync(file, stringify(content, { lineWidth: 0 }));
  return { file, url, signingKeys };
}

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { writeOnce } from './write-once.js';

const SECRET_BYTES = 32;

const TEXT = `# Cordon configuration. Every key, its meaning and default: docs/config.md
# A change takes effect at the next start; \`npx cordon config check\` reads the file without starting anything.
sources:
  # POST /v1/intake/gateway, one JSON record of docs/sources/cordon-gateway.md or many (array, NDJSON)
  gateway:
    stream: cordon.gateway
    auth:
      type: hmac
      keys:
        - { id: first, secret: "file:secrets/gateway.key" }
`;

/**
 * Writes the first configuration with one signed source and its secret (0600), unless the file is there.
 * Gives whether it wrote. The secret comes first: a start that is cut between the two leaves nothing half-made.
 */
export function writeFirstConfig(file: string): boolean {
  if (existsSync(file)) return false;
  mkdirSync(path.dirname(file), { recursive: true });
  writeOnce(path.join(path.dirname(file), 'secrets', 'gateway.key'), `${randomBytes(SECRET_BYTES).toString('hex')}\n`, 0o600);
  return writeOnce(file, TEXT, 0o644);
}

import { createHash } from 'node:crypto';
import { canonicalJson } from '../../kernel/index.js';
import { Findings, type Finding } from './finding.js';
import { playbookSchema } from './playbook-schema.js';
import type { PlaybookSource } from './playbook-source.js';
import type { Positions } from './positions.js';
import { readYaml } from './read-yaml.js';
import { reportShape } from './report-shape.js';
import { shortenRootTargets } from './root-targets.js';

/** A playbook of the right shape, not checked yet. */
export interface ReadPlaybook {
  readonly source: PlaybookSource;
  /** sha256 of the RFC 8785 JSON of the parsed source, before defaults; hex. */
  readonly hash: string;
  readonly positions: Positions;
}

export type ReadResult = ({ readonly ok: true } & ReadPlaybook) | { readonly ok: false; readonly findings: readonly Finding[] };

/** Reads the text of a playbook, YAML or JSON. Whatever the text is, it throws nothing. */
export function readPlaybook(text: string): ReadResult {
  const read = readYaml(text);
  if (!read.ok) return read;
  const { value, positions } = read;
  const parsed = playbookSchema.safeParse(value);
  if (parsed.success) {
    const source = { ...parsed.data, machine: shortenRootTargets(parsed.data.machine, parsed.data.id) };
    return { ok: true, source, hash: createHash('sha256').update(canonicalJson(value)).digest('hex'), positions };
  }
  const findings = new Findings(positions);
  reportShape(parsed.error.issues, value, findings);
  return { ok: false, findings: findings.list() };
}

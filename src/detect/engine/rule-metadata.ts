import { closest } from 'fastest-levenshtein';
import type { Level } from '../../kernel/index.js';
import { listOf, textOf, type RuleDocument } from './rule-document.js';
import { refuse, type Warn } from './rule-findings.js';

/** What the heads of rules, correlations and filters have in common. */
export interface RuleMetadata {
  /** The document's `id`, else its `name`, else its title: what signals and references call it. */
  readonly id: string;
  readonly name?: string;
  readonly title: string;
  readonly level: Level;
  readonly status?: string;
  readonly tags: readonly string[];
  readonly falsePositives: readonly string[];
  /** SHA-256 (hex) of the document's source. */
  readonly version: string;
}

const LEVELS: Readonly<Record<string, Level>> = { informational: 'informational', low: 'low', medium: 'medium', high: 'high', critical: 'critical' };
const STATUSES = ['stable', 'test', 'experimental', 'deprecated', 'unsupported'];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Reads the head of a document: only a missing title refuses it, everything else warns. */
export function readMetadata(document: RuleDocument, warn: Warn): RuleMetadata {
  const { root } = document;
  const id = textOf(root.get('id'))?.trim() || undefined;
  const name = textOf(root.get('name'))?.trim() || undefined;
  const title = textOf(root.get('title'))?.trim() || undefined;
  if (title === undefined) refuse('rules.missing_key', "'title' is missing", root);
  if (id !== undefined && !UUID.test(id)) warn('rules.id_not_uuid', `id '${id}'; Sigma asks for a UUID`, root.get('id'));
  const status = textOf(root.get('status'));
  if (status !== undefined && !STATUSES.includes(status)) warn('rules.metadata', `status '${status}' is none of ${STATUSES.join(', ')}`, root.get('status'));
  return {
    id: id ?? name ?? title,
    ...(name !== undefined && { name }),
    title,
    level: readLevel(document, warn),
    ...(status !== undefined && { status }),
    tags: texts(document, 'tags'),
    falsePositives: texts(document, 'falsepositives'),
    version: document.version,
  };
}

function readLevel({ root }: RuleDocument, warn: Warn): Level {
  const node = root.get('level');
  const text = textOf(node);
  const level = text === undefined ? undefined : LEVELS[text.toLowerCase()];
  if (level !== undefined) return level;
  if (text === undefined) {
    if (!root.has('filter')) warn('rules.metadata', "'level' is missing; medium is assumed", node ?? root);
    return 'medium';
  }
  const nearest = LEVELS[closest(text.toLowerCase(), Object.keys(LEVELS))] ?? 'medium';
  warn('rules.metadata', `level '${text}' is none of ${Object.keys(LEVELS).join(', ')}; ${nearest} is assumed`, node);
  return nearest;
}

function texts({ root }: RuleDocument, key: string): string[] {
  return listOf(root.get(key)).map(textOf).filter((text) => text !== undefined);
}

import type { CordonError } from '../../kernel/index.js';
import { applyFilters } from './apply-filters.js';
import { linkCorrelations } from './link-correlations.js';
import type { Loading } from './loading.js';
import type { CorrelationSpec } from './correlation-spec.js';
import { parseFilter, parseRule } from './parse-rule.js';
import type { Placeholders } from './placeholders.js';
import { readDocuments } from './read-documents.js';
import type { RuleFile } from './read-rule-files.js';
import { textOf, type RuleDocument } from './rule-document.js';
import { isRefusal, refuse, ruleWarnings, type RuleWarningCode, type Warn } from './rule-findings.js';
import { readMetadata } from './rule-metadata.js';
import { ruleErrors } from './rule.errors.js';
import type { SigmaFilter, SigmaRule } from './sigma-rule.js';

export type DocumentKind = 'rule' | 'correlation' | 'filter';

/** Where a document stands: file as given, and its 0-based number in it. */
export interface DocumentPlace {
  readonly file: string;
  readonly document: number;
}

export interface CompiledDocument extends DocumentPlace {
  readonly id: string;
  readonly title: string;
  readonly kind: DocumentKind;
}

export interface RefusedDocument extends DocumentPlace {
  readonly code: string;
  /** What is wrong, in which line, and what to do about it. */
  readonly message: string;
  readonly line?: number;
}

export interface DocumentWarning extends DocumentPlace {
  readonly code: RuleWarningCode;
  readonly message: string;
  readonly line?: number;
}

/** Everything that was found in a set of rule files. Filters are part of the rules already. */
export interface RuleSet {
  readonly rules: readonly SigmaRule[];
  readonly correlations: readonly CorrelationSpec[];
  readonly filters: readonly SigmaFilter[];
  readonly compiled: readonly CompiledDocument[];
  readonly refused: readonly RefusedDocument[];
  readonly warnings: readonly DocumentWarning[];
}

export interface LoadOptions {
  readonly placeholders?: Placeholders;
}

/**
 * Compiles rule files. Each document is compiled whole or refused; references between documents are resolved over the
 * whole set, so what is loaded together decides what compiles.
 */
export function loadRules(files: readonly RuleFile[], options: LoadOptions = {}): RuleSet {
  return new RuleLoader(options.placeholders ?? new Map()).load(files);
}

class RuleLoader {
  private readonly refused: RefusedDocument[] = [];
  private readonly warnings: DocumentWarning[] = [];
  private readonly places = new Map<string, DocumentPlace>();

  constructor(private readonly placeholders: Placeholders) {}

  load(files: readonly RuleFile[]): RuleSet {
    const documents = this.unique(files.flatMap((file) => this.read(file)));
    const parseAll = <T>(kind: DocumentKind, parse: (document: RuleDocument, warn: Warn) => T): Loading<T>[] => documents
      .filter((document) => document.kind === kind)
      .flatMap(({ source }) => this.attempt(source, () => ({ source, parsed: parse(source, this.warnFor(source)) })));
    const { placeholders } = this;
    const rules = parseAll('rule', (source, warn) => parseRule(source, { placeholders, warn }));
    const parsedFilters = parseAll('filter', (source, warn) => parseFilter(source, { placeholders, warn }));
    const heads = parseAll('correlation', (source, warn) => readMetadata(source, warn));
    const attempt = <T>(source: RuleDocument, work: () => T): T[] => this.attempt(source, work);
    const correlations = linkCorrelations(rules.map(({ parsed }) => parsed), heads, attempt, (source) => this.silentAfterHead(source));
    const filtered = applyFilters(rules, parsedFilters, correlations.map(({ parsed }) => parsed), attempt, (source) => this.warnFor(source));
    const loaded = [
      ...filtered.rules.map((rule) => ({ ...rule, kind: 'rule' as const })),
      ...filtered.filters.map((filter) => ({ ...filter, kind: 'filter' as const })),
      ...correlations.map((correlation) => ({ ...correlation, kind: 'correlation' as const })),
    ];
    const order = new Map(documents.map(({ source }, i) => [source, i]));
    const rank = ({ source }: { readonly source: RuleDocument }): number => order.get(source) ?? 0;
    return {
      rules: filtered.rules.map(({ parsed }) => parsed),
      correlations: correlations.map(({ parsed }) => parsed),
      filters: filtered.filters.map(({ parsed }) => parsed),
      compiled: loaded.sort((a, b) => rank(a) - rank(b)).map(({ source, parsed, kind }) => ({ ...place(source), id: parsed.id, title: parsed.title, kind })),
      refused: this.refused,
      warnings: this.warnings,
    };
  }

  private read(file: RuleFile): { readonly source: RuleDocument; readonly kind: DocumentKind }[] {
    if ('problem' in file) {
      this.refuse({ file: file.file, document: 0 }, ruleErrors.create('rules.not_readable', { detail: file.problem }));
      return [];
    }
    return readDocuments(file.file, file.text).flatMap((document) => {
      if ('refusal' in document) {
        this.refuse({ file: document.file, document: document.index }, document.refusal);
        return [];
      }
      return this.attempt(document, () => ({ source: document, kind: kindOf(document) }));
    });
  }

  /** Ids are what signals and references name, so the second document with an id is refused. */
  private unique<T extends { readonly source: RuleDocument }>(documents: readonly T[]): T[] {
    return documents.flatMap((document) => this.attempt(document.source, () => {
      const { root } = document.source;
      const id = ['id', 'name', 'title'].map((key) => textOf(root.get(key))?.trim()).find((text) => text !== undefined && text !== '');
      if (id === undefined) return document;
      const known = this.places.get(id.toLowerCase());
      if (known) refuse('rules.duplicate_id', `'${id}' is that of document ${known.document} in ${known.file}`, root.get('id') ?? root);
      this.places.set(id.toLowerCase(), place(document.source));
      return document;
    }));
  }

  private attempt<T>(source: RuleDocument, work: () => T): T[] {
    try {
      return [work()];
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.refuse(place(source), error);
      return [];
    }
  }

  private refuse(at: DocumentPlace, error: CordonError): void {
    const line = error.details.extra?.['line'];
    this.refused.push({ ...at, code: error.code, message: `${error.message}${error.message.includes('\n') ? '\n' : '. '}${error.definition.remedy}`, ...(typeof line === 'number' && { line }) });
  }

  private warnFor(source: RuleDocument): Warn {
    return (code, detail, at) => {
      this.warnings.push({ ...place(source), code, message: `${ruleWarnings[code]}: ${detail}`, ...(at && { line: at.line }) });
    };
  }

  /** The head of a correlation is read twice; what it warns of is reported once. */
  private silentAfterHead(source: RuleDocument): Warn {
    const warn = this.warnFor(source);
    return (code, detail, at) => {
      if (code !== 'rules.metadata' && code !== 'rules.id_not_uuid') warn(code, detail, at);
    };
  }
}

function place({ file, index }: RuleDocument): DocumentPlace {
  return { file, document: index };
}

function kindOf({ root }: RuleDocument): DocumentKind {
  const action = textOf(root.get('action'));
  if (action !== undefined) refuse('rules.not_a_rule', `'action: ${action}' belongs to the old format of rule collections; write each rule out`, root.get('action'));
  const kinds = (['detection', 'correlation', 'filter'] as const).filter((key) => root.has(key));
  const [kind] = kinds;
  if (kind === undefined) refuse('rules.not_a_rule', `it has none of the keys detection, correlation and filter`, root);
  if (kinds.length > 1) refuse('rules.not_a_rule', `it has ${kinds.join(' and ')}, of which only one may stand in a document`, root);
  return kind === 'detection' ? 'rule' : kind;
}


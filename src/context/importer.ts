import { uuidv7, type AuditSink } from '../kernel/index.js';
import type { Database, DatabaseTx, Telemetry } from '../platform/index.js';
import { checkImport, type CheckedImport } from './check-import.js';
import { contextErrors } from './context.errors.js';
import { contextLogEvents } from './context.log-events.js';
import { contextMetrics } from './context.metrics.js';
import { compare, readElsewhere, replaceSource, type Changes } from './context-store.js';
import type { ContextFile, Finding, RawRow } from './raw-row.js';
import { readFile } from './read-file.js';
import { INSERT_IMPORT, LAST_IMPORT, LOCK_IMPORTS } from './sql.js';

/** Limits of one import. */
export const MAX_IMPORT_BYTES = 16 * 1024 * 1024;
export const MAX_IMPORT_ROWS = 100_000;

/** Findings that a report lists; all are counted. */
const MAX_FINDINGS = 1000;

export interface ImportRequest {
  /** Name of the import source; all it stated before is replaced. */
  readonly source: string;
  readonly files: readonly ContextFile[];
  /** Only tells what an import would do. */
  readonly check: boolean;
  /** Imports the rows without a finding where others have one. */
  readonly skipBadRows: boolean;
  /** Actor of the audit entry. */
  readonly actor: string;
}

export interface ImportReport {
  readonly source: string;
  /** Whether the directory was changed, or confirmed, by this call. */
  readonly applied: boolean;
  /** Time of the import; null for a check. */
  readonly at: Date | null;
  readonly rows: { readonly person: number; readonly account: number; readonly endpoint: number };
  readonly changes: Changes;
  /** Rows that were or would be left out. */
  readonly rejectedRows: number;
  readonly findingCount: number;
  /** The first {@link MAX_FINDINGS} of them. */
  readonly findings: readonly Finding[];
  /** What can be used but leaves questions open. */
  readonly warnings: readonly string[];
}

/** Replaces what one source states of people, accounts and endpoints, in one transaction, or nothing at all. */
export class ContextImporter {
  readonly #metrics;
  readonly #log;

  constructor(
    private readonly database: Database,
    private readonly audit: AuditSink,
    telemetry: Telemetry,
  ) {
    this.#metrics = telemetry.metrics(contextMetrics);
    this.#log = telemetry.log(contextLogEvents);
  }

  /**
   * @throws CordonError `context.file_unreadable`, `context.import_too_large`, `context.nothing_to_import`; without
   * `check` and `skipBadRows` also `context.import_has_findings`, whose extra members are those of the report
   */
  async run(request: ImportRequest): Promise<ImportReport> {
    try {
      const rows = readRows(request.files);
      const report = await this.database.transaction((tx) => this.#within(tx, request, rows));
      this.#metrics.cordon_context_imports_total.inc({ result: report.applied ? 'applied' : 'checked' });
      if (report.applied) this.#log('context.imported', { source: report.source, ...report.changes });
      return report;
    } catch (error) {
      this.#metrics.cordon_context_imports_total.inc({ result: 'refused' });
      throw error;
    }
  }

  async #within(tx: DatabaseTx, request: ImportRequest, rows: readonly RawRow[]): Promise<ImportReport> {
    const { source, check, skipBadRows } = request;
    if (!check) await tx.query(LOCK_IMPORTS);
    const checked = checkImport(rows, await readElsewhere(tx, source));
    const described = describe(checked);
    if (check) return { source, applied: false, at: null, ...described, changes: (await compare(tx, source, checked.accepted)).changes };
    if (checked.rejectedRows > 0 && !skipBadRows) throw hasFindings(checked);
    if (checked.accepted.length === 0) throw contextErrors.create('context.nothing_to_import', { detail: `none of ${rows.length} rows is without a finding` });
    const at = await this.#timeOf(tx);
    const changes = await replaceSource(tx, source, checked.accepted, at);
    const counts = { ...described.rows, ...changes, rejected: checked.rejectedRows };
    const id = uuidv7(at.getTime());
    await tx.query(INSERT_IMPORT, [id, source, at, request.actor, counts]);
    await this.audit.record(tx, [{ action: 'context.imported', actor: request.actor, target: `context:${source}`, detail: { import: id, ...counts } }]);
    return { source, applied: true, at, ...described, changes };
  }

  /** After every earlier import, also where a transaction began before another one that committed first. */
  async #timeOf(tx: DatabaseTx): Promise<Date> {
    const [last] = await tx.query<{ at: Date | null }>(LAST_IMPORT);
    return last?.at && last.at >= tx.now ? new Date(last.at.getTime() + 1) : tx.now;
  }
}

function readRows(files: readonly ContextFile[]): RawRow[] {
  const bytes = files.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
  if (bytes > MAX_IMPORT_BYTES) throw contextErrors.create('context.import_too_large', { detail: `${bytes} bytes` });
  const rows = files.flatMap(readFile);
  if (rows.length > MAX_IMPORT_ROWS) throw contextErrors.create('context.import_too_large', { detail: `${rows.length} rows` });
  if (rows.length === 0) throw contextErrors.create('context.nothing_to_import', { detail: `${files.map(({ name }) => name).join(', ')} without a row` });
  return rows;
}

function describe(checked: CheckedImport) {
  const number = (type: string): number => checked.accepted.filter((entry) => entry.type === type).length;
  const silent = checked.accepted.filter((entry) => entry.type === 'person' && entry.body.manager === null && !entry.body.isTop).length;
  return {
    rows: { person: number('person'), account: number('account'), endpoint: number('endpoint') },
    rejectedRows: checked.rejectedRows,
    findingCount: checked.findings.length,
    findings: checked.findings.slice(0, MAX_FINDINGS),
    warnings: silent === 0 ? [] : [`people without a stated manager: ${silent}; whom they report to is unknown (write "-" for a person who has none)`],
  };
}

function hasFindings({ findings, rejectedRows }: CheckedImport) {
  const [first] = findings;
  return contextErrors.create('context.import_has_findings', {
    detail: `${rejectedRows} rows with ${findings.length} findings${first ? `, the first: ${first.file}:${first.line} ${first.field} ${first.reason}` : ''}`,
    extra: { rejected_rows: rejectedRows, finding_count: findings.length, findings: findings.slice(0, MAX_FINDINGS) },
  });
}

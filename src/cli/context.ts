import { userInfo } from 'node:os';
import { AuditRows } from '../audit/index.js';
import { ContextImporter, loadFiles, parseSourceName, PostgresDirectory, toAnswer, toImportResponse, toPersonResponse, type Finding, type ImportReport } from '../context/index.js';
import { ENTITY_TYPES, isCordonError, type EntityRef, type EntityType } from '../kernel/index.js';
import { Database, Telemetry } from '../platform/index.js';
import type { ContextOptions, ImportOptions, ShowOptions } from './context.command.js';
import { ExitCode } from './exit-codes.js';
import { joinDatabase } from './open-database.js';
import { readConfig } from './read-config.js';
import { reportError } from './report-error.js';

/** @returns the exit code: findings where a row cannot be used. @throws CordonError `context.*`, `platform.*`, `config.*` */
export async function importContext(paths: readonly string[], { source, check = false, skipBadRows = false, json = false, ...options }: ImportOptions): Promise<number> {
  const request = { source: parseSourceName(source), files: await loadFiles(paths), check, skipBadRows, actor: `cli:${userInfo().username}` };
  let report: ImportReport;
  try {
    report = await withDatabase(options, (database, telemetry) => new ContextImporter(database, new AuditRows(), telemetry).run(request));
  } catch (error) {
    if (!isCordonError(error, 'context.import_has_findings')) throw error;
    if (json) process.stdout.write(`${JSON.stringify({ source, applied: false, ...error.details.extra })}\n`);
    else printFindings((error.details.extra?.findings ?? []) as readonly Finding[]);
    return reportError(error);
  }
  if (json) process.stdout.write(`${JSON.stringify(toImportResponse(report))}\n`);
  else print(report);
  return report.findingCount > 0 && !skipBadRows ? ExitCode.findings : ExitCode.ok;
}

function print({ source, applied, rows, changes, rejectedRows, findingCount, findings, warnings }: ImportReport): void {
  printFindings(findings);
  if (findings.length < findingCount) process.stderr.write(`… and ${findingCount - findings.length} more findings\n`);
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
  const lines = [
    `${applied ? 'imported' : 'checked, nothing changed'}: source ${source}, ${rows.person} people, ${rows.account} accounts, ${rows.endpoint} endpoints`,
    `${applied ? '' : 'would be '}${changes.added} added, ${changes.changed} changed, ${changes.removed} removed, ${changes.unchanged} unchanged; rows left out: ${rejectedRows}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function printFindings(findings: readonly Finding[]): void {
  for (const { file, line, type, id, field, reason, remedy } of findings) {
    process.stderr.write(`${file}:${line}: ${type}${id === null ? '' : ` ${id}`}: ${field} ${reason}\n  remedy: ${remedy}\n`);
  }
}

/** @returns the exit code: findings where nothing is known. @throws CordonError `platform.*`, `config.*` */
export async function showContext(text: string, { at, system, json = false, ...options }: ShowOptions): Promise<number> {
  const entity: EntityRef = { ...parseEntity(text), ...(system === undefined ? {} : { system }) };
  const when = at ? { at } : {};
  const found = await withDatabase(options, async (database) => {
    const directory = new PostgresDirectory(database);
    const answer = await directory.resolve(entity, when);
    const person = await directory.personOf(entity, when);
    return { answer, person, chain: person.known ? await directory.managersOf(person.id, when) : undefined };
  });
  const { answer, person, chain } = found;
  const shown = { entity, answer: toAnswer(answer), person: person.known && chain ? toPersonResponse(person, chain) : toAnswer(person) };
  if (json) process.stdout.write(`${JSON.stringify(shown)}\n`);
  else {
    printAnswer('', shown.answer);
    if (!(answer.known && answer.type === 'person')) printAnswer('acts under it: ', shown.person);
    if (chain) process.stdout.write(`managers: ${[...chain.managers.map(({ id }) => id), chain.end === 'top' ? 'top' : `unknown (${chain.end.reason}: ${chain.end.detail})`].join(' → ')}\n`);
  }
  return answer.known || person.known ? ExitCode.ok : ExitCode.findings;
}

function printAnswer(label: string, answer: Readonly<Record<string, unknown>>): void {
  if (answer.known === false) {
    process.stdout.write(`${label}unknown (${String(answer.reason)}): ${String(answer.detail)}\n`);
    return;
  }
  const { type, id, source, as_of: asOf, known: _known, managers: _managers, managers_end: _end, via: _via, ...rest } = answer;
  const members = Object.entries(rest).map(([name, value]) => `  ${name.padEnd(12)} ${value === null ? 'not stated' : String(value)}\n`);
  process.stdout.write(`${label}${String(type)} ${String(id)}, stated by ${String(source)} as of ${String(asOf)}\n${members.join('')}`);
}

const isEntityType = (text: string): text is EntityType => (ENTITY_TYPES as readonly string[]).includes(text);

/** `ip:2001:db8::1`: the type ends at the first colon. */
function parseEntity(text: string): EntityRef {
  const colon = text.indexOf(':');
  const type = text.slice(0, Math.max(colon, 0));
  return isEntityType(type) ? { type, value: text.slice(colon + 1) } : { type: 'account', value: text };
}

async function withDatabase<T>(options: ContextOptions, work: (database: Database, telemetry: Telemetry) => Promise<T>): Promise<T> {
  const telemetry = new Telemetry({ level: 'warn' });
  const server = await joinDatabase(readConfig(options.config), { telemetry });
  try {
    const database = await Database.open({ url: server.urls.appUrl, poolSize: 1 });
    try {
      return await work(database, telemetry);
    } finally {
      await database.close();
    }
  } finally {
    await server.close();
  }
}

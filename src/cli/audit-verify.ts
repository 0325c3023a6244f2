import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import {
  auditErrors, ChainReader, parseCheckpoint, parsePublicKey, verifyDatabase, verifyExport, type Checkpoint, type VerifyOptions, type VerifyReport,
} from '../audit/index.js';
import type { VerifyAuditOptions } from './audit.command.js';
import { ownPublicKeys, withAuditDatabase } from './audit.js';
import { ExitCode } from './exit-codes.js';
import { readConfig } from './read-config.js';

/** @returns the exit code: findings where something is not as it was sealed. @throws CordonError `audit.*`, `platform.*`, `config.*` */
export async function verifyAudit({ file, checkpoint = [], publicKey = [], json = false, ...options }: VerifyAuditOptions): Promise<number> {
  const outside = checkpoint.map(readCheckpoint);
  for (const key of publicKey) parsePublicKey(key);
  const own = file === undefined ? ownPublicKeys(readConfig(options.config)) : [];
  const trusted = new Set([...publicKey, ...own, ...outside.map((kept) => kept.public_key)]);
  const given: VerifyOptions = { outside, trusted, onProgress: showProgress };
  const report = file === undefined ? await withAuditDatabase(options, (database) => verifyDatabase(new ChainReader(database), given)) : await verifyExport(linesOf(file), given);
  // A verdict without the proof that was asked for would read as one with it.
  if (!report.finding && outside.length > 0 && outside.every((kept) => isBefore(kept, report))) {
    throw auditErrors.create('audit.checkpoint_not_compared', { detail: `the export begins at entry ${report.from}, the newest given checkpoint names entry ${Math.max(...outside.map(({ seq }) => seq))}` });
  }
  const notes = notesOn(report, outside, trusted);
  if (json) process.stdout.write(`${JSON.stringify(toResult(report, notes))}\n`);
  else print(report, notes);
  return report.finding ? ExitCode.findings : ExitCode.ok;
}

/** Whether a checkpoint names an entry that is neither in what was verified nor right before it. */
const isBefore = ({ seq }: Checkpoint, { from }: VerifyReport): boolean => seq < from - 1;

function readCheckpoint(fileOrText: string): Checkpoint {
  if (fileOrText.trimStart().startsWith('{')) return parseCheckpoint(fileOrText);
  if (!existsSync(fileOrText)) throw auditErrors.create('audit.checkpoint_invalid', { detail: `there is no file ${fileOrText}` });
  return parseCheckpoint(readFileSync(fileOrText, 'utf8'));
}

function linesOf(file: string): AsyncIterable<string> {
  if (!existsSync(file)) throw auditErrors.create('audit.file_unreadable', { detail: `there is no file ${file}` });
  return createInterface({ input: createReadStream(file), crlfDelay: Infinity });
}

function showProgress(seq: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${seq} entries read`);
}

/** What the result does not prove, in sentences. */
function notesOn(report: VerifyReport, outside: readonly Checkpoint[], trusted: ReadonlySet<string>): string[] {
  const { last, vouched, late, unsealed, from } = report;
  const notes: string[] = [];
  if (from > 1) notes.push(`The export begins at entry ${from}: what was before is not checked.`);
  if (outside.length === 0) {
    notes.push('No checkpoint that was kept elsewhere was given. Whoever administers the host can have removed the end of the trail, or sealed all of it anew; this does not show it.');
  } else {
    const older = outside.filter((kept) => isBefore(kept, report)).length;
    if (older > 0) notes.push(`${older} of the given checkpoints lie before the export and were not compared.`);
  }
  if (trusted.size === 0) notes.push('No public key was given: signatures were checked against the keys that the trail itself names.');
  if (last.seq > vouched) notes.push(`Entries ${vouched + 1} to ${last.seq} are linked and not signed yet.`);
  if (unsealed) notes.push(`${unsealed} rows are not linked yet.`);
  if (late > 0) notes.push(`${late} entries are dated more than ten minutes before the checkpoint in front of them: their transactions took long, or they were dated back.`);
  return notes;
}

function print({ entries, last, checkpoints, vouched, finding }: VerifyReport, notes: readonly string[]): void {
  if (process.stderr.isTTY) process.stderr.write('\r');
  if (finding) {
    const which = finding.seq === null ? 'a row outside the chain' : `entry ${finding.seq}`;
    process.stdout.write(`${finding.kind}: ${which}${finding.id === null ? '' : `, id ${finding.id}`}: ${finding.detail}\n${entries} entries before it are as they were sealed\n`);
  } else {
    process.stdout.write(`${entries} entries are as they were sealed, the last one is ${last.seq}; ${checkpoints} checkpoints agree, the newest vouches for entry ${vouched}\n`);
  }
  for (const note of notes) process.stderr.write(`note: ${note}\n`);
}

function toResult({ finding, from, last, entries, checkpoints, vouched, late, unsealed }: VerifyReport, notes: readonly string[]) {
  return { ok: finding === undefined, finding: finding ?? null, entries, from, last, checkpoints, vouched, late, unsealed: unsealed ?? null, notes };
}

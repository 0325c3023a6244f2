import { readFile } from 'node:fs/promises';
import { assess, readAssessment, regimes, toDutyResponse } from '../breach/index.js';
import type { AssessOptions } from './breach.command.js';

/** @throws CordonError `breach.request_invalid`; errors of the file system */
export async function assessFile(file: string, { json = false }: AssessOptions): Promise<void> {
  const state = readAssessment(await readFile(file, 'utf8'));
  const duties = regimes.flatMap((regime) => assess(regime, state)).map(toDutyResponse);
  if (json) {
    process.stdout.write(`${JSON.stringify({ duties: duties.map(({ duty, reason, ...rest }) => ({ id: duty, ...rest, reason: reason.join('; ') })) })}\n`);
    return;
  }
  for (const { duty, title, outcome, due, latest, rule, zone, grade, reason } of duties) {
    const until = due === null ? '' : `, due ${due}${latest === null ? '' : `, latest ${latest}`} (${zone})`;
    process.stdout.write(`${outcome.padEnd(14)} ${duty}: ${title}${until}\n  rule: ${rule} [${grade}]\n  ${reason.join('\n  ')}\n`);
  }
}

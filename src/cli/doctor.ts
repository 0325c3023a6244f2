import type { ResolvedConfig } from '../config/index.js';
import { isCordonError } from '../kernel/index.js';
import { silentTelemetry } from '../platform/index.js';
import { checkConfig } from './check-config.js';
import { examineDatabase } from './doctor-database.js';
import { examineDisk, examineFiles, examineNode, examineReferences, examineSources, type Finding } from './doctor-checks.js';
import type { DoctorOptions } from './doctor.command.js';
import { ExitCode } from './exit-codes.js';
import { examinePolicy } from './doctor-governor.js';
import { joinDatabase } from './open-database.js';

/** `cordon doctor`: prints one line a check and gives 1 where one of them found a fault. A warning is no fault. */
export async function doctor(options: DoctorOptions): Promise<number> {
  const findings = await examine(options);
  const print = ({ state, check, detail }: Finding): string => `${state.padEnd(5)} ${check.padEnd(14)} ${detail}\n`;
  process.stdout.write(options.json ? `${JSON.stringify(findings)}\n` : findings.map(print).join(''));
  return findings.some(({ state }) => state === 'fault') ? ExitCode.findings : ExitCode.ok;
}

async function examine(options: DoctorOptions): Promise<Finding[]> {
  const findings: Finding[] = [examineNode(process.versions.node)];
  let config: ResolvedConfig;
  try {
    config = checkConfig(options.config);
    findings.push({ state: 'ok', check: 'configuration', detail: 'can be used' });
  } catch (error) {
    return [...findings, faultOf('configuration', error)];
  }
  findings.push(...examineSources(config), ...examineFiles(config), ...examineReferences(config), examineDisk(config));
  try {
    const database = await joinDatabase(config, { telemetry: silentTelemetry() });
    try {
      findings.push(...(await examineDatabase(database.urls)), ...(await examinePolicy(config, database.urls)));
    } finally {
      await database.close();
    }
  } catch (error) {
    findings.push(faultOf('database', error));
  }
  return findings;
}

/** Errors of the catalogue are findings; anything else is a defect of ours and leaves as it is. */
function faultOf(check: string, error: unknown): Finding {
  if (!isCordonError(error)) throw error;
  return { state: 'fault', check, detail: `${error.message} (${error.code}). ${error.definition.remedy}` };
}

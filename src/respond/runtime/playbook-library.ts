import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedConfig } from '../../config/index.js';
import type { ActionDescription } from '../../kernel/index.js';
import { BUILT_INS } from '../engine/built-ins.js';
import { checkPlaybookText } from '../engine/check/index.js';
import type { CompiledPlaybook } from '../engine/compiled-playbook.js';
import { compilePlaybook } from '../engine/machine/index.js';
import type { StateSource, Transitions } from '../engine/playbook-source.js';
import type { Finding } from '../engine/finding.js';

/** One thing that is wrong, or odd, in a file of a playbook. */
export interface PlaybookReport {
  /** `file:line:column`, or the file where it is about the whole. */
  readonly at: string;
  /** Of the finding, as `cordon playbooks explain` takes it; absent where the file as such cannot be used. */
  readonly code?: string;
  readonly reason: string;
  readonly remedy: string;
}

/**
 * The playbooks in the folders of the configuration, checked as `cordon playbooks check` does. One with an error is reported and left
 * out; the others work: an installation without one of its playbooks is better off than without any.
 */
export class PlaybookLibrary {
  readonly playbooks: CompiledPlaybook[] = [];
  /** Errors of the playbooks that are left out: at least one each. */
  readonly refused: PlaybookReport[] = [];
  readonly warnings: PlaybookReport[] = [];

  private constructor(private readonly actions: readonly ActionDescription[]) {}

  /** @param actions every action of this build besides the built-ins, configured or not: whether one is configured is known when it is called */
  static async load({ respond, root }: Pick<ResolvedConfig, 'respond' | 'root'>, actions: readonly ActionDescription[]): Promise<PlaybookLibrary> {
    const library = new PlaybookLibrary([...BUILT_INS, ...actions]);
    for (const folder of respond.playbooks) {
      for (const file of await playbookFiles(path.resolve(root, folder))) library.#add(path.relative(root, file), await readFile(file, 'utf8'));
    }
    return library;
  }

  #add(file: string, text: string): void {
    const checked = checkPlaybookText(text, this.actions);
    const reports = (severity: Finding['severity']) => checked.findings.filter((finding) => finding.severity === severity).map((finding) => reportOf(file, finding));
    this.warnings.push(...reports('warning'));
    this.refused.push(...reports('error'));
    if (!checked.ok) return;
    const { source, hash } = checked;
    if (this.playbooks.some((playbook) => playbook.source.id === source.id)) {
      this.refused.push({ at: file, reason: `there is another playbook ${source.id}`, remedy: 'Give one of them another id, or remove it from the folders of respond.playbooks.' });
    } else if (usesBusinessClock(source.machine)) {
      this.refused.push({ at: file, reason: 'it has a timer of the business clock, which this version does not have', remedy: 'Use the clock wall or frozen.' });
    } else {
      try {
        this.playbooks.push(compilePlaybook(source, hash));
      } catch (error) {
        this.refused.push({ at: file, reason: error instanceof Error ? error.message : String(error), remedy: 'Correct what is named.' });
      }
    }
  }
}

const reportOf = (file: string, { line, column, code, message, remedy }: Finding): PlaybookReport => ({ at: `${file}:${line}:${column}`, code, reason: message, remedy });

/** A folder that is not there has no playbooks: an installation without response needs none. */
async function playbookFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(folder, entry.name, 'playbook.yaml'));
  const present = await Promise.all(files.map((file) => readFile(file).then(() => true, () => false)));
  return files.filter((_, index) => present[index]).sort();
}

function usesBusinessClock({ after = {}, states = {} }: StateSource): boolean {
  return Object.values(after).some(isBusiness) || Object.values(states).some(usesBusinessClock);
}

function isBusiness(transitions: Transitions): boolean {
  if (typeof transitions === 'string') return false;
  const list = Array.isArray(transitions) ? (transitions as readonly (string | { readonly clock?: string })[]) : [transitions as { readonly clock?: string }];
  return list.some((transition) => typeof transition !== 'string' && transition.clock === 'business');
}

import { readFileSync } from 'node:fs';

/** A process as a lock file names it. The start time tells it from a later process with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Boot id and clock ticks since boot; absent where the system has no /proc. */
  readonly startTime?: string;
}

export function identifyProcess(pid: number): ProcessIdentity {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? { pid } : { pid, startTime };
}

/** Whether a process with this pid exists, whoever owns it. */
export function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether the very process is still there. Containers hand out the same pids at each start, so our own pid may be a predecessor's. */
export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
  if (startTime !== undefined) return startTime === startTimeOf(pid);
  return pid !== process.pid && pidExists(pid);
}

/** Arguments a process was started with, or undefined where that cannot be read. */
export function commandLineOf(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return undefined;
  }
}

function startTimeOf(pid: number): string | undefined {
  try {
    // Fields 3 and 22; the name in field 2 may hold spaces and brackets, so fields are counted from its last bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, ticks] = [fields[0], fields[19]];
    // A zombie is dead; where Node is the first process of a container, nobody ever collects it.
    if (state === 'Z' || state === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${ticks}`;
  } catch {
    return undefined;
  }
}

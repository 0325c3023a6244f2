/**
 * Places where a crash test ends the process, chosen so that between any two of them something durable has changed.
 * `CORDON_CRASH_POINT=name` kills at the first passage, `name:3` at the third. Unset, a point costs one comparison.
 */
export const CRASH_POINTS = [
  'commit.sent',
  'log.before_append',
  'log.append_sent',
  'log.after_commit',
  'intake.before_ack',
  'intake.after_ack',
  'consumer.before_read',
  'consumer.in_batch',
  'consumer.before_commit',
  'consumer.after_commit',
  'detect.before_checkpoint',
  'detect.after_checkpoint',
  'facts.after_insert',
  'incident.after_grouping',
  'partition.after_create',
  'audit.before_commit',
  'audit.after_commit',
  'audit.before_checkpoint',
  'runtime.before_commit',
  'runtime.after_commit',
  'effect.before_call',
  'effect.after_call',
  'effect.before_settle',
  'effect.claimed',
  'timer.fired',
  'inbox.read',
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

const armed = parse(process.env.CORDON_CRASH_POINT);
let passages = 0;

function parse(text: string | undefined): { name: CrashPoint; passage: number } | undefined {
  if (!text) return undefined;
  const [name, passage = '1'] = text.split(':');
  const known = CRASH_POINTS.find((point) => point === name);
  if (!known || !/^[1-9][0-9]*$/.test(passage)) throw new Error(`CORDON_CRASH_POINT=${text}: expected NAME or NAME:COUNT with one of ${CRASH_POINTS.join(', ')}`);
  return { name: known, passage: Number(passage) };
}

/** Ends the process with SIGKILL when this point is the armed one. */
export function crashPoint(name: CrashPoint): void {
  if (armed?.name === name && ++passages === armed.passage) process.kill(process.pid, 'SIGKILL');
}

/** As {@link crashPoint}, once what was just started has been handed to the operating system but not yet answered. */
export function crashPointOnceSent(name: CrashPoint): void {
  if (armed?.name === name) setImmediate(() => crashPoint(name));
}

import { runCommand, type RunAs } from './run-command.js';

/** In the order of preference. */
const NAMES = ['cordon', 'postgres', 'nobody'];

/** The users of this system that PostgreSQL may run as when we are root. Asked of `id`, which knows directories beside /etc/passwd. */
export async function serviceUsers(): Promise<RunAs[]> {
  const users = await Promise.all(NAMES.map(lookUp));
  return users.filter((user) => user !== undefined);
}

async function lookUp(name: string): Promise<RunAs | undefined> {
  const [user, group] = await Promise.all([runCommand('id', ['-u', name], '/'), runCommand('id', ['-g', name], '/')]);
  if (user.code !== 0 || group.code !== 0) return undefined;
  return { name, uid: Number(user.output), gid: Number(group.output) };
}

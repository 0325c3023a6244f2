import type { Command } from '../compiled-playbook.js';
import type { JsonObject } from '../../../kernel/index.js';
import { NOTIFY, type InvokeSpec, type NotifyParams, type TimerSpec } from './machine-config.js';

/** What a run waits for: ids of invokes and timers. */
export interface Pending {
  readonly invokes: ReadonlySet<string>;
  readonly timers: ReadonlySet<string>;
}

export interface Folded extends Pending {
  readonly commands: readonly Command[];
}

/** One entry of XState's list of actions, as far as it matters here. */
export interface ListedAction {
  readonly type: string;
  readonly params: unknown;
}

interface Names {
  readonly invokes: ReadonlyMap<string, InvokeSpec>;
  /** XState's id → ours. */
  readonly timerIds: ReadonlyMap<string, string>;
  readonly timers: ReadonlyMap<string, TimerSpec>;
}

/**
 * XState's actions as commands, strictly in order. What is begun and ended within one list, as by a state that is entered
 * and left again, comes to nothing; what has ended by itself (it is no longer pending) is not cancelled.
 */
export function foldActions(actions: readonly ListedAction[], pending: Pending, names: Names, at: Date): Folded {
  const invokes = new Set(pending.invokes);
  const timers = new Set(pending.timers);
  const commands = new Set<Command>();
  const begun = new Map<string, Command>();

  const end = (key: string, live: Set<string>, id: string, command: Command): void => {
    const opened = begun.get(key);
    if (opened) {
      commands.delete(opened);
      begun.delete(key);
    } else if (live.has(id)) commands.add(command);
    live.delete(id);
  };
  const begin = (key: string, live: Set<string>, id: string, command: Command, ending: Command): void => {
    // XState enters some states again without leaving them, as through a history that leads back to where it stands.
    if (live.has(id)) end(key, live, id, ending);
    commands.add(command);
    begun.set(key, command);
    live.add(id);
  };

  for (const { type, params } of actions) {
    switch (type) {
      case 'xstate.spawnChild': {
        const { id, input } = params as { readonly id: string; readonly input: JsonObject };
        const spec = names.invokes.get(id);
        if (!spec) throw new TypeError(`XState started ${id}, which is no invoke`);
        const command: Command = { type: 'invoke', invokeId: id, src: spec.src, input, timeoutMs: spec.timeoutMs, retry: spec.retry };
        begin(`invoke ${id}`, invokes, id, command, { type: 'cancel-invoke', invokeId: id });
        break;
      }
      case 'xstate.stopChild': {
        const id = (params as { readonly id: string } | undefined)?.id;
        if (id !== undefined) end(`invoke ${id}`, invokes, id, { type: 'cancel-invoke', invokeId: id });
        break;
      }
      case 'xstate.raise': {
        const { id, delay } = params as { readonly id?: string; readonly delay?: number };
        const timerId = id === undefined || delay === undefined ? undefined : names.timerIds.get(id);
        // Without a delay it was handled in the same step.
        if (timerId === undefined || delay === undefined) break;
        const command: Command = { type: 'arm-timer', timerId, due: new Date(at.getTime() + delay), clock: names.timers.get(timerId)?.clock ?? 'wall' };
        begin(`timer ${timerId}`, timers, timerId, command, { type: 'cancel-timer', timerId });
        break;
      }
      case 'xstate.cancel': {
        const timerId = names.timerIds.get((params as { readonly sendId: string }).sendId);
        if (timerId !== undefined) end(`timer ${timerId}`, timers, timerId, { type: 'cancel-timer', timerId });
        break;
      }
      case NOTIFY: {
        const { action, input } = params as NotifyParams;
        commands.add({ type: 'notify', action, input });
        break;
      }
      default:
        throw new TypeError(`XState asks for ${type}, which a playbook cannot`);
    }
  }
  return { commands: [...commands], invokes, timers };
}

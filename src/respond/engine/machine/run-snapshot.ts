import { createActor, type AnyMachineSnapshot, type AnyStateMachine, type Snapshot } from 'xstate';
import type { JsonObject, JsonValue } from '../../../kernel/index.js';
import { PlaybookFailure } from '../compiled-playbook.js';
import type { Pending } from './fold-actions.js';
import type { Frame } from './frame.js';
import type { InvokeSpec } from './machine-config.js';

/**
 * What is stored of a run. A form of our own: XState's persisted form has changed within version 5, and says neither which
 * timers are armed nor which invokes have already ended. A type, so that it counts as JSON.
 */
export type StoredSnapshot = {
  status: 'active' | 'done';
  value: JsonValue;
  context: JsonObject;
  /** Ids of the invokes whose end is awaited. */
  invokes: string[];
  /** Ids of the timers that are armed. */
  timers: string[];
  /** History state → states last active in its place. */
  history?: Record<string, string[]>;
};

export function storeSnapshot(snapshot: AnyMachineSnapshot, { frame }: { readonly frame: Frame }, pending: Pending): JsonObject {
  const history = Object.entries(snapshot.historyValue as Record<string, readonly { readonly id: string }[]>).map(([id, nodes]): [string, string[]] => [id, nodes.map((node) => node.id)]);
  return {
    status: snapshot.status === 'done' ? 'done' : 'active',
    value: snapshot.value as JsonValue,
    context: frame.context,
    invokes: [...pending.invokes],
    timers: [...pending.timers],
    ...(history.length > 0 ? { history: Object.fromEntries(history) } : {}),
  };
}

/** @throws PlaybookFailure the snapshot is of another machine */
export function restoreSnapshot(machine: AnyStateMachine, stored: StoredSnapshot, frame: Frame, invokes: ReadonlyMap<string, InvokeSpec>): AnyMachineSnapshot {
  const children = stored.invokes.map((id): [string, unknown] => [id, { src: invokes.get(id)?.src, snapshot: { status: 'active' } }]);
  const history = Object.entries(stored.history ?? {}).map(([id, nodes]): [string, unknown] => [id, nodes.map((node) => ({ id: node }))]);
  const persisted = {
    status: stored.status,
    value: stored.value,
    context: { frame },
    children: Object.fromEntries(children),
    historyValue: Object.fromEntries(history),
  };
  const snapshot = createActor(machine, { snapshot: persisted as unknown as Snapshot<unknown> }).getSnapshot() as AnyMachineSnapshot;
  if (snapshot.status === 'error') throw new PlaybookFailure(`the stored state is not one of this playbook: ${snapshot.error instanceof Error ? snapshot.error.message : String(snapshot.error)}`, { cause: snapshot.error });
  return snapshot;
}

import { createMachine, type ActorLogic, type AnyStateMachine, type EventObject, type MetaObject, type NonReducibleUnknown, type ParameterizedObject, type ProvidedActor, type Snapshot } from 'xstate';
import type { MachineContext, MachineEvent, MachineInput } from './frame.js';
import type { MachineParts } from './machine-config.js';

/** Microsteps of one step. XState's own default is no limit: a cycle of `always` would hang the process. */
const MAX_MICROSTEPS = 1_000;

/** XState builds a bare actor, with no input, for every pure transition and keeps its error to itself. */
const NO_INPUT = new Error('the machine has no input');

/** Stands for any action while it is awaited. It is never started, and has nothing to remember. */
const awaited: ActorLogic<Snapshot<undefined>, EventObject> = {
  transition: (snapshot) => snapshot,
  getInitialSnapshot: () => ({ status: 'active', output: undefined, error: undefined }),
  getPersistedSnapshot: (snapshot) => snapshot,
};

export function createXStateMachine({ root, delays, invokes }: MachineParts): AnyStateMachine {
  return createMachine<MachineContext, MachineEvent, ProvidedActor, ParameterizedObject, ParameterizedObject, string, string, MachineInput, NonReducibleUnknown, EventObject, MetaObject>(
    {
      ...root,
      output: undefined,
      options: { maxIterations: MAX_MICROSTEPS },
      context: ({ input }: { readonly input: MachineInput | undefined }) => {
        if (!input) throw NO_INPUT;
        return { frame: input.frame };
      },
    },
    { actors: Object.fromEntries([...invokes.values()].map(({ src }) => [src, awaited])), delays },
  );
}

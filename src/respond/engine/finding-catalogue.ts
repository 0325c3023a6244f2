export interface FindingDefinition {
  /** A playbook with an error does not run; a warning is for its author. */
  readonly severity: 'error' | 'warning';
  /** What is wrong, in one sentence. */
  readonly title: string;
  /** What would happen if it ran like this. */
  readonly why: string;
  readonly remedy: string;
}

/** Everything that can be found in a playbook before it runs. Codes are stable. */
export const findingCatalogue = {
  'playbook.too_large': {
    severity: 'error', title: 'The playbook is larger than the reader takes',
    why: 'Reading and checking it would take time and memory without a bound.',
    remedy: 'Split the playbook, or take out what does not belong into it.',
  },
  'playbook.yaml_syntax': {
    severity: 'error', title: 'The file is not YAML',
    why: 'Nothing of it can be read with certainty.',
    remedy: 'Correct the YAML at the place named. Every text with "${ … }" stands in quotes, since { and # have a meaning in YAML.',
  },
  'playbook.duplicate_key': {
    severity: 'error', title: 'A key stands twice in one mapping',
    why: 'YAML readers keep one of the two, and not all the same one, so a part of the playbook would be lost silently.',
    remedy: 'Merge the two, or rename one.',
  },
  'playbook.yaml_feature': {
    severity: 'error', title: 'The file uses a part of YAML that the format leaves out',
    why: 'The playbook is hashed as JSON and approved by what people read: anchors, merge keys, tags, several documents and numbers outside of JSON would let the two differ.',
    remedy: 'Write the values out; put keys that look like numbers or true into quotes.',
  },
  'playbook.unknown_key': {
    severity: 'error', title: 'A key is not part of the format',
    why: 'A misspelt key would be ignored, and with it the guard, the deadline or the error branch that it was meant to be.',
    remedy: 'Correct the spelling, or remove the key.',
  },
  'playbook.missing_key': {
    severity: 'error', title: 'A key that the format asks for is missing',
    why: 'Without it the playbook has no defined meaning.',
    remedy: 'Add the key that the message names.',
  },
  'playbook.wrong_value': {
    severity: 'error', title: 'A value is not of the form that its key takes',
    why: 'It would be ignored or taken for something else.',
    remedy: 'Write the value in the form that the message names.',
  },
  'playbook.refused_feature': {
    severity: 'error', title: 'The machine uses a feature of XState that the format refuses',
    why: 'Messages to other actors, spawned actors, delayed raises, code and re-entering the root cannot be stored, replayed or checked.',
    remedy: 'Wait with "after", call with "invoke", tell people with an action of the kind notify; nothing else leaves a machine.',
  },
  'playbook.unknown_target': {
    severity: 'error', title: 'A transition names a state that there is not',
    why: 'XState refuses the machine, or the run would not go where its author meant.',
    remedy: "Name a state beside this one, '.name' for one inside, '#name' from the root.",
  },
  'playbook.unknown_event': {
    severity: 'error', title: 'A state listens to an event that no run is ever sent',
    why: 'The transition would never be taken.',
    remedy: 'Use an event of the catalogue, or manual.<name> for one that people send.',
  },
  'playbook.unknown_action': {
    severity: 'error', title: 'An action is called that no connector offers',
    why: 'XState would wait for ever for an actor that does not exist, or skip the effect silently.',
    remedy: 'Correct the id: an action of a connector of this build, breach.open, core.approval or core.undo.',
  },
  'playbook.unknown_role': {
    severity: 'error', title: 'An approval asks a role that does not exist',
    why: 'Nobody could decide, and the deadline would.',
    remedy: 'Name a role of docs/access.md.',
  },
  'playbook.unknown_invoke': {
    severity: 'error', title: 'An id of an invoke does not exist in this playbook',
    why: 'The approval would not cover the effect it was given for, or the undo would leave it.',
    remedy: 'Name the id of an invoke of this playbook.',
  },
  'playbook.duplicate_invoke': {
    severity: 'error', title: 'Two invokes have the same id',
    why: 'Approvals and undo could not tell them apart, and the end of one would count for the other.',
    remedy: 'Give each invoke an id of its own.',
  },
  'playbook.not_a_notice': {
    severity: 'error', title: 'An action that nobody waits for does more than tell someone',
    why: 'Its failure would go unseen.',
    remedy: 'Call it with invoke, with onDone and onError.',
  },
  'playbook.missing_outcome': {
    severity: 'error', title: 'A final state of the machine does not say its outcome',
    why: 'Whoever reads that the run has finished could not tell a contained account from a failed attempt.',
    remedy: 'Add outcome: contained, refused, failed, cancelled or released.',
  },
  'playbook.state_kind': {
    severity: 'error', title: 'A key does not go with the kind of its state',
    why: 'XState ignores it silently.',
    remedy: 'Remove the key, or change the type of the state.',
  },
  'playbook.unreachable': {
    severity: 'error', title: 'No transition leads to a state',
    why: 'What it was meant to do never happens.',
    remedy: 'Lead a transition to it, or remove it.',
  },
  'playbook.never_taken': {
    severity: 'error', title: 'A branch or a transition can never be taken',
    why: 'What stands there never happens.',
    remedy: 'Put guarded branches before the one without a guard, and final states where onDone waits for them.',
  },
  'playbook.dead_end': {
    severity: 'error', title: 'From a state no way leads to an end of the run',
    why: 'The run would stay active for ever, without a next cause.',
    remedy: 'Add a transition that leads on, or make it a final state; in a compound state add onDone.',
  },
  'playbook.always_loop': {
    severity: 'error', title: 'Transitions that need no event form a circle',
    why: 'XState goes round in them within one step: the run would hang.',
    remedy: 'Put an invoke or an after into the circle.',
  },
  'playbook.wait_without_deadline': {
    severity: 'error', title: 'A state may wait for ever',
    why: 'The event may never come, and nobody would notice.',
    remedy: 'Add an after without a guard that leads on, or a deadline to the approval.',
  },
  'playbook.no_default_branch': {
    severity: 'error', title: 'A list of guards has no branch for when none of them holds',
    why: 'What they decide on happens once: if no guard holds, the run stays where it is for ever.',
    remedy: 'End the list with a branch without a guard.',
  },
  'playbook.no_on_error': {
    severity: 'error', title: 'An invoke does not say what happens when it fails',
    why: 'Every call can fail, be refused by the governor or time out; the run would stay where it is.',
    remedy: 'Add onError.',
  },
  'playbook.bad_delay': {
    severity: 'error', title: 'A delay is no duration that lies ahead',
    why: 'XState takes a delay it does not know for none and fires at once: a typo in a deadline of four hours lets it pass immediately.',
    remedy: 'Write an ISO 8601 duration of weeks, days, hours, minutes and seconds, such as PT4H, or one expression that gives a duration or a timestamp.',
  },
  'playbook.bad_duration': {
    severity: 'error', title: 'A duration is not one',
    why: 'A time-out or an expiry without a defined length cannot be kept.',
    remedy: 'Write an ISO 8601 duration of weeks, days, hours, minutes and seconds, such as PT30S.',
  },
  'playbook.destructive_without_policy': {
    severity: 'error', title: 'A destructive action has no policy',
    why: 'Whether people are asked would be left to the deployment alone.',
    remedy: 'Add an entry for it to policy, with a mode.',
  },
  'playbook.unused_policy': {
    severity: 'warning', title: 'The policy speaks of an action that the playbook never calls',
    why: 'It may be a leftover, or the action that was meant is not covered.',
    remedy: 'Remove the entry, or correct its id.',
  },
  'playbook.irreversible_auto': {
    severity: 'error', title: 'An action that cannot be taken back goes without being asked',
    why: 'A false positive could not be made good.',
    remedy: 'Use mode ask, or an action that has an undo.',
  },
  'playbook.undo_unavailable': {
    severity: 'error', title: 'The policy wants an undo that the action does not have',
    why: 'Whoever relies on it would find out when it is needed.',
    remedy: 'Write undo: none.',
  },
  'playbook.approve_by_default': {
    severity: 'error', title: 'Silence approves a destructive action',
    why: 'Nobody would have decided on it.',
    remedy: 'Use onDeadline: refuse or escalate.',
  },
  'playbook.skipped_obligation': {
    severity: 'error', title: 'A way past an obligation',
    why: 'The playbook opens a breach case on some ways only: on another, access is taken away, the run ends, and no clock has started.',
    remedy: 'Lead every way from the destructive action to the end through the obligation.',
  },
  'playbook.expression_syntax': {
    severity: 'error', title: 'An expression cannot be read',
    why: 'It has no value.',
    remedy: 'Correct it at the place named: "${ … }" holds one CEL expression.',
  },
  'playbook.unknown_name': {
    severity: 'error', title: 'An expression uses a name, a member or a function that does not exist where it stands',
    why: 'It would fail when the run gets there.',
    remedy: 'Use what is known there; a member that may be missing must be in the schema, and asked for with has().',
  },
  'playbook.expression_type': {
    severity: 'error', title: 'An expression can only fail, or never holds',
    why: 'It combines or compares values that do not go together, or gives something else than its place takes.',
    remedy: 'Compare values of one type; conditions give true or false.',
  },
  'playbook.bad_schema': {
    severity: 'error', title: 'A schema is no JSON Schema',
    why: 'Neither parameters nor context could be checked.',
    remedy: 'Correct it as JSON Schema 2020-12.',
  },
  'playbook.context_mismatch': {
    severity: 'error', title: 'A value does not fit the schema of the context',
    why: 'The assignment would fail when the run gets there, or the run could not start.',
    remedy: 'Give a value of the type that context.schema states.',
  },
  'playbook.context_path': {
    severity: 'error', title: 'An assignment goes to a place that the context does not have',
    why: 'A misspelt name would be a new member that nobody reads.',
    remedy: 'Name a path of context.schema.',
  },
  'playbook.input_mismatch': {
    severity: 'error', title: 'The input does not fit what the action takes',
    why: 'The call would end in INPUT_INVALID, after the run has come so far.',
    remedy: 'Give the input as the schema of the action asks.',
  },
} as const satisfies Readonly<Record<string, FindingDefinition>>;

export type FindingCode = keyof typeof findingCatalogue;

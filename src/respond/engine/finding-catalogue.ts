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
} as const satisfies Readonly<Record<string, FindingDefinition>>;

export type FindingCode = keyof typeof findingCatalogue;

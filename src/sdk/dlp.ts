import { fieldSpec, type FieldSpec } from './ecs/ecs-fields.js';

/**
 * The neutral block `cordon.dlp.*`, for which ECS has no fields, modelled on OCSF Data Security Finding (class 2006): what was
 * found in the data, by which policy, where. The matched text itself (OCSF `pattern_match`) is left out on purpose: it is the secret.
 */
export const DLP_FIELDS = {
  /** Policy or profile that was violated. */
  'policy.id': 'keyword',
  'policy.name': 'keyword',
  /** Rule within the policy. */
  'rule.id': 'keyword',
  'rule.name': 'keyword',
  /** Detection patterns, dictionaries or sensitive information types that matched. */
  'classifier': 'keyword[]',
  'match_count': 'long',
  /** Sensitivity label or confidentiality of the data. */
  'label': 'keyword[]',
  /** Way the data took: `web`, `cloud`, `email`, `endpoint`, `network`, `storage`. */
  'channel': 'keyword',
  /** Engine or product part that detected it. */
  'detection_system': 'keyword',
  /** `at_rest`, `in_transit`, `in_use` (OCSF data_lifecycle_state). */
  'lifecycle_state': 'keyword',
  /** What the product did, in its own word. */
  'action': 'keyword',
  'incident_id': 'keyword',
  /** What the user gave as a reason to go on. */
  'user_justification': 'keyword',
} as const;

export type DlpField = keyof typeof DLP_FIELDS;

const specs = new Map(Object.entries(DLP_FIELDS).map(([name, notation]) => [name, fieldSpec(`cordon.dlp.${name}`, notation)]));

export function dlpField(name: string): FieldSpec | undefined {
  return specs.get(name);
}

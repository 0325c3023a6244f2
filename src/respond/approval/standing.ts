import type { CordonError, PersonFact, Role, Unknown } from '../../kernel/index.js';
import type { Conflict } from '../../context/index.js';
import type { Approval } from './approval.js';
import { approvalErrors } from './approval.errors.js';

/** What one caller is to one approval. */
export interface StandingFacts {
  readonly approval: Pick<Approval, 'role' | 'breakGlass' | 'votes'>;
  readonly roles: readonly Role[];
  /** Person of the caller's key as the context knows them; null for a key without one. */
  readonly person: PersonFact | Unknown | null;
  readonly conflict: Conflict;
  /** Whose identity among the subjects context does not know; null where all are known. */
  readonly unknownSubject: string | null;
  /** Whether the caller, by key or by person, asked for what is to be approved. */
  readonly asked: boolean;
}

export type Standing =
  /** `person`: id as the context spells it. `breakGlass`: by being a break-glass person. */
  | { readonly may: true; readonly person: string; readonly breakGlass: boolean }
  /** `why`: what the caller is told. `because`: what the audit entry says. */
  | { readonly may: false; readonly why: CordonError; readonly because: string };

const no = (why: CordonError, because = why.code): Standing => ({ may: false, why, because });

/**
 * Whether a caller may vote. The subject and who reports to them do not even learn that the approval exists. Where context
 * does not know whose account it is about, the caller might be the subject: then only break-glass people may vote.
 */
export function standingOf({ approval, roles, person, conflict, unknownSubject, asked }: StandingFacts): Standing {
  if (conflict !== 'none') return no(approvalErrors.create('approval.unknown', { field: 'id' }), `conflict of interest: ${conflict}`);
  if (person === null) return no(approvalErrors.create('approval.no_person'));
  if (!person.known) return no(approvalErrors.create('approval.person_unknown', { detail: person.detail }));
  if (person.status === 'left' || person.status === 'suspended') return no(approvalErrors.create('approval.person_unknown', { detail: `${person.id} is ${person.status}, as ${person.source} states` }));
  if (asked) return no(approvalErrors.create('approval.four_eyes'));
  if (approval.votes.some((vote) => vote.person === person.id)) return no(approvalErrors.create('approval.already_voted', { detail: `${person.id} has voted` }));
  const breakGlass = approval.breakGlass && person.breakGlass === true;
  if (unknownSubject !== null && !breakGlass) return no(approvalErrors.create('approval.subject_unknown', { detail: unknownSubject }));
  if (roles.includes(approval.role)) return { may: true, person: person.id, breakGlass: unknownSubject !== null };
  if (breakGlass) return { may: true, person: person.id, breakGlass: true };
  const also = approval.breakGlass ? ' or be a break-glass person' : '';
  return no(approvalErrors.create('approval.not_eligible', { detail: `needs the role ${approval.role}${also}; the key has ${roles.join(', ')}` }));
}

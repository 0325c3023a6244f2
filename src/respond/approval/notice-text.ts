import type { Approval } from './approval.js';
import type { NoticeKind } from './notice-queue.js';

export interface Notice {
  readonly approval: Approval;
  readonly kind: NoticeKind;
  readonly publicUrl: string | undefined;
}

const LEAD: Readonly<Record<NoticeKind, string>> = {
  requested: 'A decision is asked of you.',
  reminder: 'A decision that was asked of you still waits; half of the time has passed.',
  break_glass: 'A decision waits that too few people can take, or that nobody took in time. You are asked as a break-glass person.',
};
const HEAD: Readonly<Record<NoticeKind, string>> = { requested: 'Approval', reminder: 'Reminder', break_glass: 'Break-glass' };
const DEFAULT = { refuse: 'it counts as refused', approve: 'it counts as approved', escalate: 'break-glass people are asked, and without them it counts as refused' } as const;

const MAX_LINE = 160;
const MAX_EFFECTS = 20;

/** Titles and names come from records and may try to start a header or a line of their own. */
const line = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim().slice(0, MAX_LINE);

const MAX_NAME = 64;

/** A name that somebody outside chose: quoted, short, and nothing that a mail program makes a link of. */
function named(text: string): string {
  const plain = line(text).replaceAll('"', "'").replaceAll('://', ': //').replace(/www\./gi, 'www .');
  return `"${plain.length > MAX_NAME ? `${plain.slice(0, MAX_NAME)}…` : plain}"`;
}

/** Plain text of a mail: what is asked, about whom, until when, where. What an action would be given stays out of mail. */
export function noticeText({ approval, kind, publicUrl }: Notice): { subject: string; text: string } {
  const { id, playbook, content, about, deadline, onDeadline, escalatedAt, incidentId, quorum, votes } = approval;
  const names = about.map(({ type, value }) => `${type} ${named(value)}`).join(', ');
  const effects = content.would.slice(0, MAX_EFFECTS).map(({ action, title }) => `- ${line(title)} (${line(action)})`);
  const after = escalatedAt === null ? DEFAULT[onDeadline] : DEFAULT.refuse;
  const lines = [
    LEAD[kind],
    '',
    `Playbook: ${line(playbook)}`,
    `About: ${names || 'nobody by name'}`,
    ...(incidentId === null ? [] : [`Incident: ${incidentId}`]),
    ...(effects.length > 0 ? ['', 'On approval:', ...effects] : []),
    ...(content.would.length > MAX_EFFECTS ? [`- and ${content.would.length - MAX_EFFECTS} more`] : []),
    '',
    `Until: ${deadline.toISOString()}; after that ${after}.`,
    `Votes: ${votes.length} so far, ${quorum} needed. One refusal refuses.`,
    '',
    publicUrl === undefined ? `Decide: cordon approvals show ${id}` : `Decide: ${new URL(`/approvals/${id}`, publicUrl).href}`,
  ];
  return { subject: line(`${HEAD[kind]} until ${deadline.toISOString().slice(0, 16)}Z: ${playbook}`), text: `${lines.join('\n')}\n` };
}

import type { ApprovalResponse } from '../respond/index.js';
import { ApiClient } from './api-client.js';
import type { ApprovalsOptions, DecideOptions, ListOptions } from './approvals.command.js';

interface Page {
  readonly approvals: readonly ApprovalResponse[];
  readonly next: string | null;
}

/** @throws CordonError `cli.key_unreadable`, `cli.server_unreachable`, or what the server answers; so all of this file */
export async function listApprovals({ all = false, mine = false, ...options }: ListOptions): Promise<void> {
  const api = new ApiClient(options);
  const found: ApprovalResponse[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const query = new URLSearchParams({ state: all ? 'all' : 'open', mine: String(mine), ...(after && { after }) });
    const page: Page = await api.call('GET', `/v1/approvals?${query.toString()}`);
    found.push(...page.approvals);
    after = page.next;
  }
  found.sort((a, b) => a.deadline.localeCompare(b.deadline));
  if (options.json) process.stdout.write(`${JSON.stringify(found)}\n`);
  else for (const one of found) process.stdout.write(`${one.id}  ${one.state.padEnd(9)}  until ${one.deadline}  ${votesOf(one)}  ${plain(titleOf(one))}\n`);
}

export async function showApproval(id: string, options: ApprovalsOptions): Promise<void> {
  print(await new ApiClient(options).call<ApprovalResponse>('GET', `/v1/approvals/${encodeURIComponent(id)}`), options);
}

export async function decideApproval(id: string, decision: 'approve' | 'refuse', { reason, ...options }: DecideOptions): Promise<void> {
  print(await new ApiClient(options).call<ApprovalResponse>('POST', `/v1/approvals/${encodeURIComponent(id)}/decision`, { decision, reason }), options);
}

function print(approval: ApprovalResponse, { json = false }: ApprovalsOptions): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(approval)}\n`);
    return;
  }
  const { state, deadline, on_deadline: onDeadline, role, about, incident, playbook, would, votes, reason, why_not: whyNot } = approval;
  const lines = [
    `${approval.id}  ${state}`,
    `playbook  ${playbook}${incident === null ? '' : `, incident ${incident}`}`,
    `about     ${about.map(({ type, value }) => `${type} ${value}`).join(', ') || 'nobody by name'}`,
    `until     ${deadline}, then ${onDeadline}`,
    `decided   by the role ${role}${approval.break_glass ? ' or break-glass people' : ''}, ${votesOf(approval)}`,
    ...would.flatMap(({ action, title, input, undo }) => [`would     ${title} (${action})`, `          with ${JSON.stringify(input)}`, `          undo: ${undo}`]),
    ...votes.map(({ person, choice, reason: why, at }) => `vote      ${choice} by ${person} at ${at}: ${why}`),
    ...(reason === null ? [] : [`reason    ${reason}`]),
    ...(state === 'open' && whyNot ? [`you       cannot decide: ${whyNot.title}${whyNot.detail === null ? '' : ` (${whyNot.detail})`}`] : []),
  ];
  process.stdout.write(`${lines.map(plain).join('\n')}\n`);
}

const titleOf = ({ would, playbook }: ApprovalResponse): string => would.map(({ title }) => title).join(', ') || `step of ${playbook}`;
const votesOf = ({ votes, quorum }: ApprovalResponse): string => `${votes.length} of ${quorum} votes`;

/** Names come from records: what could move the cursor or the direction of a terminal is left out. */
const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');

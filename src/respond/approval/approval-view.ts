import type { FiredTerm, JsonValue, Principal } from '../../kernel/index.js';
import { html, type Html, type HtmlPart } from '../../platform/index.js';
import type { Approval } from './approval.js';
import type { ViewedApproval } from './approval-reader.js';
import type { Evidence } from './evidence.js';
import { timeLeft } from './time-left.js';

export interface ApprovalPage {
  readonly viewed: ViewedApproval;
  readonly evidence: Evidence | undefined;
  readonly now: Date;
  /** Token of the form. */
  readonly token: string;
  /** What was refused just now, and the reason that was typed. */
  readonly failed?: { readonly message: string; readonly reason: string };
}

const instant = (time: Date): Html => html`<time datetime="${time.toISOString()}">${time.toISOString().slice(0, 16).replace('T', ' ')} UTC</time>`;
const tag = (word: string): Html => html`<span class="tag ${word}">${word}</span>`;
const rows = (...pairs: readonly (readonly [string, HtmlPart] | false)[]): Html =>
  html`<dl>${pairs.map((pair) => pair && html`<dt>${pair[0]}</dt><dd>${pair[1]}</dd>`)}</dl>`;
const shown = (value: JsonValue): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));
const isEmpty = (value: JsonValue): boolean => value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);

const namesOf = ({ about }: Approval): string => about.map(({ type, value }) => `${type} ${value}`).join(', ') || 'nobody by name';
const headline = ({ content: { would }, playbook }: Approval): string => (would.length === 0 ? `Step of ${playbook}` : would.map(({ title }) => title).join(', '));

/** Who is signed in, and the way out. */
export const signedIn = ({ name, person }: Principal): Html =>
  html`<span class="who">${name}${person === null ? ' (no person)' : ` · ${person}`}</span><form method="post" action="/logout"><button class="plain" type="submit">Sign out</button></form>`;

export function listView(approvals: readonly ViewedApproval[], now: Date, more: boolean): Html {
  const urgent = [...approvals].sort((a, b) => a.approval.deadline.getTime() - b.approval.deadline.getTime());
  const mine = urgent.filter(({ standing }) => standing.may);
  const others = urgent.filter(({ standing }) => !standing.may);
  const items = (list: readonly ViewedApproval[]): Html => html`<ul class="plain card">${list.map(({ approval }) => html`<li>
<h3><a href="/approvals/${approval.id}">${headline(approval)}</a></h3>
<p>About ${namesOf(approval)}</p>
<p class="soft">Due ${timeLeft(approval.deadline, now)} (${instant(approval.deadline)}) · ${approval.votes.length} of ${approval.quorum} votes · playbook ${approval.playbook}</p>
</li>`)}</ul>`;
  return html`<h1>Open approvals</h1>
<section aria-labelledby="mine"><h2 id="mine">You may decide</h2>${mine.length > 0 ? items(mine) : html`<p class="card soft">Nothing waits for you.</p>`}</section>
${others.length > 0 && html`<section aria-labelledby="others"><h2 id="others">Others decide</h2>${items(others)}</section>`}
${more && html`<p class="soft">There are more; <code>cordon approvals list</code> shows all.</p>`}`;
}

const AFTER = { refuse: 'it is refused', approve: 'it is approved', escalate: 'break-glass people are asked; without them it is refused' } as const;

export function approvalView({ viewed, evidence, now, token, failed }: ApprovalPage): Html {
  const { approval, standing } = viewed;
  const open = approval.state === 'open';
  const left = approval.quorum - approval.votes.filter(({ choice }) => choice === 'approve').length;
  return html`<p class="soft"><a href="/approvals">All approvals</a></p>
<h1>${headline(approval)}</h1>
<p class="about">${tag(approval.state)} About <strong>${namesOf(approval)}</strong></p>
${failed && html`<div class="notice bad" role="alert"><p>${failed.message}</p></div>`}
${outcome(viewed)}
<section class="card" aria-labelledby="asked"><h2 id="asked">What is asked</h2>
${rows(
  ['Playbook', approval.playbook],
  ['Asked', html`${instant(approval.requestedAt)}${approval.requestedBy === null ? '' : ` by ${approval.requestedBy}`}`],
  open && ['Until', html`${instant(approval.deadline)}, ${timeLeft(approval.deadline, now)}; then ${approval.escalatedAt === null ? AFTER[approval.onDeadline] : AFTER.refuse}`],
  ['Decided by', `${approval.quorum} with the role ${approval.role}${approval.breakGlass ? ' or break-glass people' : ''}; one refusal refuses`],
  !isEmpty(approval.content.shows) && ['The playbook says', html`<pre>${shown(approval.content.shows)}</pre>`],
)}</section>
<section class="card" aria-labelledby="effects"><h2 id="effects">What happens on approval</h2>${effects(approval)}</section>
${evidenceView(approval, evidence)}
<section class="card" aria-labelledby="votes"><h2 id="votes">Votes</h2>${votes(approval)}${open && left > 0 && html`<p class="soft">${left} more ${left === 1 ? 'approval is' : 'approvals are'} needed.</p>`}</section>
${open && standing.may && decisionForm(approval, token, failed?.reason ?? '', standing.breakGlass)}`;
}

function outcome({ approval, standing }: ViewedApproval): Html | null {
  if (approval.state !== 'open') {
    const good = approval.state === 'approved' ? 'good' : 'bad';
    return html`<div class="notice ${good}" role="status"><p><strong>This approval is ${approval.state}</strong>${approval.decidedAt && html` since ${instant(approval.decidedAt)}`}.</p><p>Reason: ${approval.reason}</p></div>`;
  }
  if (standing.may) return null;
  const { definition, details } = standing.why;
  return html`<div class="notice warn" role="status"><p><strong>You cannot decide this.</strong> ${definition.title}${details.detail === undefined ? '' : ` (${details.detail})`}.</p><p>${definition.remedy}</p></div>`;
}

function effects({ content: { would } }: Approval): Html {
  if (would.length === 0) return html`<p>The playbook goes on. No action is tied to this step.</p>`;
  return html`<ul class="plain">${would.map(({ action, title, input, undo, verdict }) => html`<li>
<h3>${title}</h3>
${rows(
  ['Action', html`<code>${action}</code>`],
  ['With', html`<pre>${shown(input)}</pre>`],
  ['Undo', undo],
  ['Governor', verdict === null ? 'not asked yet; it looks again right before the call' : html`${tag(verdict.decision)} in mode ${verdict.mode}<ul>${verdict.reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`],
)}</li>`)}</ul>`;
}

function evidenceView({ incidentId }: Approval, evidence: Evidence | undefined): Html {
  if (!evidence) return html`<section class="card" aria-labelledby="why"><h2 id="why">Why</h2><p>${incidentId === null ? 'The run belongs to no incident.' : `Incident ${incidentId} cannot be read.`}</p></section>`;
  const { incident, signals, signalCount } = evidence;
  return html`<section class="card" aria-labelledby="why"><h2 id="why">Why</h2>
${rows(
  ['Incident', incident.title],
  ['Level', incident.level],
  ['State', `${incident.status}, episode ${incident.episode}`],
  ['Seen', html`${instant(incident.first)} to ${instant(incident.last)}`],
  ['Id', html`<code>${incident.id}</code>`],
)}
<h3>Risk ${incident.risk} of 100</h3>
<table><thead><tr><th scope="col">Points</th><th scope="col">Because</th></tr></thead>
<tbody>${incident.riskParts.map(({ points, reason }) => html`<tr><td class="number">${points}</td><td>${reason}</td></tr>`)}</tbody></table>
</section>
<section class="card" aria-labelledby="signals"><h2 id="signals">Evidence</h2>
${signals.length < signalCount && html`<p class="soft">The newest ${signals.length} of ${signalCount} signals.</p>`}
<ul class="plain">${signals.map((signal) => html`<li><h3>${signal.ruleTitle}</h3>
<p class="soft">${signal.level} · ${instant(signal.last)} · ${signal.eventCount} ${signal.eventCount === 1 ? 'event' : 'events'}</p>
${signal.terms.length > 0 && html`<ul>${signal.terms.map((term) => html`<li>${termText(term)}</li>`)}</ul>`}</li>`)}</ul></section>`;
}

const termText = ({ term, operator, observed, expected }: FiredTerm): Html => html`<code>${term}</code> was <code>${shown(observed)}</code>; the rule asks for ${operator} <code>${shown(expected)}</code>`;

function votes({ votes: given }: Approval): Html {
  if (given.length === 0) return html`<p>Nobody has voted.</p>`;
  return html`<ul class="plain">${given.map(({ person, choice, reason, breakGlass, at }) => html`<li><p>${tag(choice === 'approve' ? 'approved' : 'refused')} by <strong>${person}</strong>${breakGlass && ' as break-glass person'}, ${instant(at)}</p><p>${reason}</p></li>`)}</ul>`;
}

function decisionForm({ id }: Approval, token: string, reason: string, breakGlass: boolean): Html {
  return html`<section class="card" aria-labelledby="decide"><h2 id="decide">Your decision</h2>
${breakGlass && html`<div class="notice warn"><p>You decide as a break-glass person. That is recorded.</p></div>`}
<form method="post" action="/approvals/${id}">
<input type="hidden" name="token" value="${token}">
<label for="reason">Reason</label>
<textarea id="reason" name="reason" rows="3" maxlength="2000" required aria-describedby="reason-hint">${reason}</textarea>
<p class="soft" id="reason-hint">It goes on record with your name. You have one vote, and cannot take it back.</p>
<div class="buttons">
<button class="approve" type="submit" name="decision" value="approve">Approve</button>
<button class="refuse" type="submit" name="decision" value="refuse">Refuse</button>
</div>
</form></section>`;
}

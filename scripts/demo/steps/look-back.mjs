import { span, clock } from '../teller.mjs';
import { hold } from '../until.mjs';

/** Facts that make the timeline long and say nothing new here. */
const LEFT_OUT = new Set(['incident.updated']);

/** The timeline of the incident, and the audit trail behind it. */
export async function lookBack(stage, teller) {
  await teller.part('What is on record');
  const { timeline } = await stage.apis.morgan.get(`/v1/incidents/${stage.incident.id}`);
  const shown = timeline.filter(({ type }) => !LEFT_OUT.has(type)).sort((a, b) => a.position - b.position);
  const first = Date.parse(shown[0].at);
  for (const { at, type, detail } of shown) teller.say(`${clock(at)}  +${span(Date.parse(at) - first).padEnd(8)} ${type.padEnd(24)} ${told(detail)}`.trimEnd());
  teller.print('');
  await verifyAudit(stage, teller);
}

/** What a fact says for people, where it says something short. */
function told({ title, action, by, decision, verify, outcome, role, verdict, residualAccessUntil }) {
  const parts = [action ?? title, verify?.state, decision, outcome, verdict, role && `asks the role ${role}`, residualAccessUntil && `residual access until ${clock(residualAccessUntil)}`, Array.isArray(by) ? by.join(', ') : undefined];
  return parts.filter(Boolean).join(', ');
}

export async function verifyAudit(stage, teller) {
  const { code, stdout } = await stage.product.run('audit', 'verify', '--json');
  const report = JSON.parse(stdout);
  hold(code === 0 && report.ok === true && report.entries > 0, 'the audit trail is as it was sealed', report);
  teller.fact('cordon audit verify', `ok: ${report.entries} entries, as they were sealed`);
}

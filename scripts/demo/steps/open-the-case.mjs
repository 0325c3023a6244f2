import { hold, until } from '../until.mjs';

const HOUR_MS = 3_600_000;
/** GDPR Article 33(1). */
const AUTHORITY_HOURS = 72;

/** The breach case, with the clock that the regime starts; what it means is for counsel to judge. */
export async function openTheCase(stage, teller) {
  await teller.part('The breach case under the GDPR');
  const { rowan } = stage.apis;
  const list = async () => (await rowan.get('/v1/breach-cases?open=true')).cases;
  const { id } = await until('a breach case of the incident is open', async () => (await list()).find(({ incident }) => incident === stage.incident.id), { seen: list });
  const found = await rowan.get(`/v1/breach-cases/${id}`);
  const aware = found.events.find(({ kind }) => kind === 'aware');
  const authority = found.duties.find(({ due }) => due !== null);
  hold(aware !== undefined && authority !== undefined, 'the case has an event of the regime and a clock', found);
  hold(Date.parse(authority.due) - Date.parse(authority.started_at) === AUTHORITY_HOURS * HOUR_MS, `the authority is due ${AUTHORITY_HOURS} hours after awareness`, authority);
  for (const { duty, title, outcome, due, provision } of found.duties) teller.fact(provision ?? duty, `${title}: ${outcome.replaceAll('_', ' ')}${due === null ? '' : `, due ${due.slice(0, 16).replace('T', ' ')} UTC`}`);
  teller.fact('counts from', `awareness, ${aware.at.slice(0, 16).replace('T', ' ')} UTC, ${aware.basis}: Rowan records when it really was`);
}

import { company } from '../company.mjs';
import { deliver } from '../api.mjs';
import { instalments, story } from '../records.mjs';
import { clock } from '../teller.mjs';
import { hold, until } from '../until.mjs';

/** Three sensors report what they saw over four hours; rules and correlations make one incident of it. */
export async function detect(stage, teller) {
  await teller.part('What the sensors saw, over the past four hours');
  const now = Date.now();
  for (const { source, minutesAgo, says, records } of instalments(now)) {
    await deliver(stage.product.url, source, stage.signingKeys[source], records);
    teller.say(`${clock(now - minutesAgo * 60_000)}  ${source.padEnd(8)} ${says}`);
  }
  stage.reportedAt = Date.now();

  await teller.part('One incident');
  const { morgan } = stage.apis;
  const expected = Object.keys(story.rules);
  const list = async () => (await morgan.get('/v1/incidents')).incidents;
  const incident = await until(
    'one incident has the signals of all sensors',
    async () => {
      stage.product.requireRunning();
      return (await list()).find(({ rules }) => expected.every((rule) => rules.includes(rule)));
    },
    { seen: async () => (await list()).map(({ title, rules, risk }) => ({ title, rules, risk })) },
  );
  stage.incident = incident;
  const all = await list();
  hold(all.length === 1, 'there is one incident and no other', all.map(({ title }) => title));
  hold(incident.subject.type === 'person' && incident.subject.id === company.avery.id, `the incident is about the person ${company.avery.id}`, incident.subject);

  const { signals } = await morgan.get(`/v1/incidents/${incident.id}`);
  for (const { rule, level, first, last } of signals) teller.say(`${clock(first)}-${clock(last)}  ${level.padEnd(7)} ${rule.title}`);
  teller.print('');
  teller.fact('about', `${company.avery.name} (${incident.subject.id}), whom context knows behind account, address and token`);
  teller.fact('risk', `${incident.risk}: ${incident.risk_parts.map(({ name, points }) => `${name} ${points}`).join(' + ')}`);
  teller.fact('tactics', incident.tags.filter((tag) => !tag.includes('.')).join(', '));
}

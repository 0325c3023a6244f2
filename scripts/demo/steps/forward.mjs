import { hold, until } from '../until.mjs';

/** Both SIEMs have every signal of the incident and its containment, in a form that they take. */
export async function forward(stage, teller) {
  await teller.part('Forwarded');
  const { elastic, splunk } = stage.targets;
  const { signals } = await stage.apis.morgan.get(`/v1/incidents/${stage.incident.id}`);
  const wanted = [...signals.map(({ id }) => id), 'containment.verified', 'breach.opened'];
  const events = () => splunk.events.map(({ event }) => event);
  const documents = await complete('Elastic', wanted, () => elastic.documents());
  await complete('Splunk', wanted, events);
  const { sinks } = await stage.apis.admin.get('/v1/forward');
  for (const { sink, dead_letters: refused } of sinks) hold(refused === 0, `${sink} refused no document`, refused);
  teller.fact('Elastic', `${documents.length} documents in ${elastic.streams.size} data streams, none refused`);
  teller.fact('Splunk', `${splunk.events.length} events, none refused`);
}

function complete(name, wanted, documents) {
  const missing = () => {
    const texts = documents().map((document) => JSON.stringify(document));
    return wanted.filter((word) => !texts.some((text) => text.includes(word)));
  };
  return until(`${name} has the signals, the containment and the case`, () => (missing().length === 0 ? documents() : undefined), { seen: () => ({ missing: missing() }) });
}

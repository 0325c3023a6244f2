import { until } from '../until.mjs';

/** Both SIEMs have every signal of the incident and its containment, in a form that they take. */
export async function forward(stage, teller) {
  await teller.part('Forwarded');
  const { elastic, splunk } = stage.targets;
  const { signals } = await stage.apis.morgan.get(`/v1/incidents/${stage.incident.id}`);
  const wanted = [...signals.map(({ id }) => id), 'containment.verified', 'breach.opened'];
  const events = () => splunk.events.map(({ event }) => event);
  const elasticText = await complete('Elastic', wanted, () => elastic.documents());
  await complete('Splunk', wanted, events);
  teller.fact('Elastic', `${elasticText.length} documents in ${[...elastic.streams.keys()].length} data streams, all accepted`);
  teller.fact('Splunk', `${splunk.events.length} events, all accepted`);
}

function complete(name, wanted, documents) {
  const missing = () => {
    const texts = documents().map((document) => JSON.stringify(document));
    return wanted.filter((word) => !texts.some((text) => text.includes(word)));
  };
  return until(`${name} has the signals, the containment and the case`, () => (missing().length === 0 ? documents() : undefined), { seen: () => ({ missing: missing() }) });
}

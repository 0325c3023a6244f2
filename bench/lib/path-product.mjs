// The whole product in one process, and the moments at which it stated containment.
import { ApiKeyService } from '../../dist/src/access/index.js';
import { connectors } from '../../dist/src/connectors.js';
import { CordonApp } from '../../dist/src/create-app.js';
import { loadConfig } from '../../dist/src/config/index.js';
import { silentTelemetry } from '../../dist/src/platform/index.js';
import { Runtime } from '../../dist/src/respond/runtime/runtime.js';
import { answering } from './in-child.mjs';

/** Milliseconds of the wall clock, finer than Date gives them: comparable between processes of one machine. */
const now = () => performance.timeOrigin + performance.now();

let site;

answering(async (message) => {
  if (message.start) {
    site = await open(message.start);
    return { url: site.url, key: site.key };
  }
  return message.stages ? stages(site.app.platform.database) : { contained: [...site.contained], runs: await runs(site.app.platform.database) };
}, () => site?.app.close());

async function open({ urls, config: file, root }) {
  const config = loadConfig({ root, file, connectors });
  const app = await CordonApp.create({ config, telemetry: silentTelemetry(), database: urls, connectors });
  const contained = containments(app.nest.get(Runtime));
  const { host, port } = await app.listen('127.0.0.1', 0);
  const { text } = await app.nest.get(ApiKeyService).create({ name: 'bench', roles: ['admin'] }, 'system:bench');
  return { app, contained, url: `http://${host}:${port}`, key: text };
}

/** Account to the moment at which the commit of its `containment.verified` was certain. */
function containments({ stepper }) {
  const contained = new Map();
  const committed = stepper.committed.bind(stepper);
  stepper.committed = (batch) => {
    committed(batch);
    const at = now();
    for (const { run } of batch.units) {
      const [account] = run.incident?.subject.accounts ?? [];
      if (run.containedAt && account && !contained.has(account)) contained.set(account, at);
    }
  };
  return contained;
}

/** How runs stand, with what the governor said of those that wait for a person. */
function runs(database) {
  return database.query(`
    SELECT r.status, r.outcome, e.status AS effect, e.verdict->'reasons'->>0 AS reason, e.error->>'message' AS error, count(*)::int AS count
      FROM run r LEFT JOIN effect e ON e.run_id = r.id AND e.status <> 'done' GROUP BY 1, 2, 3, 4, 5`);
}

/** Milliseconds between the statements that the product itself made, by the times of their transactions. */
async function stages(database) {
  return database.query(`
    WITH contained AS (SELECT body->>'incidentId' AS incident, at FROM fact WHERE type = 'containment.verified'),
      opened AS (SELECT body->>'incidentId' AS incident, min(at) AS at, min((body->'incident'->>'first')::timestamptz) AS sent FROM fact WHERE type = 'incident.opened' GROUP BY 1),
      called AS (SELECT r.incident_id::text AS incident, r.started_at AS at, min(a.started_at) AS claimed FROM run r JOIN effect e ON e.run_id = r.id JOIN effect_attempt a ON a.effect_id = e.id GROUP BY 1, 2)
    SELECT extract(epoch FROM o.at - o.sent)::float8 * 1000 AS "recordToIncident", extract(epoch FROM r.at - o.at)::float8 * 1000 AS "incidentToRun",
      extract(epoch FROM r.claimed - r.at)::float8 * 1000 AS "runToCall", extract(epoch FROM c.at - r.claimed)::float8 * 1000 AS "callToSettle"
    FROM contained c JOIN opened o USING (incident) JOIN called r USING (incident)`);
}

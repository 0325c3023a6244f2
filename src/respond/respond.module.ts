import { Module, type DynamicModule } from '@nestjs/common';
import { IncidentReader, IncidentStore, IncidentVisibility, snapshotOf } from '../incident/index.js';
import { ACTION_CATALOGUE, AUDIT_SINK, DIRECTORY, type ActionCatalogue, type AuditSink, type Directory, type JsonObject } from '../kernel/index.js';
import { Platform, type DatabaseTx } from '../platform/index.js';
import { APPROVAL_DESK, type ApprovalDesk } from './approval/approval-desk.js';
import { GOVERNOR, GovernorModule, type Governor } from './governor/index.js';
import { respondLogEvents } from './respond.log-events.js';
import { respondMetrics } from './respond.metrics.js';
import { ApprovalInbox } from './runtime/approval-inbox.js';
import { InputCheck } from './runtime/input-check.js';
import type { PlaybookLibrary } from './runtime/playbook-library.js';
import { PlaybookStore } from './runtime/playbook-store.js';
import { RespondHandler, type IncidentNow } from './runtime/respond.handler.js';
import { RunReader } from './runtime/run-reader.js';
import { RunService } from './runtime/run.service.js';
import { RunStarter, type PlaybookSettings } from './runtime/run-starter.js';
import { RunVisibility } from './runtime/run-visibility.js';
import { RunsController } from './runtime/runs.controller.js';
import { Runtime } from './runtime/runtime.js';

const BATCH_FACTS = 200;
const CURSOR = 'respond';
/** Signals of an incident that a playbook is told of at its start. */
const MOST_SIGNALS = 1_000;

/** Runs of playbooks: their workers, what starts them, and the API. */
@Module({})
export class RespondModule {
  static forRoot(library: PlaybookLibrary): DynamicModule {
    return {
      module: RespondModule,
      imports: [GovernorModule],
      controllers: [RunsController],
      providers: [
        { provide: PlaybookStore, inject: [Platform], useFactory: ({ database }: Platform) => new PlaybookStore(database) },
        {
          provide: RunReader,
          inject: [Platform, ACTION_CATALOGUE],
          useFactory: ({ database }: Platform, actions: ActionCatalogue) => new RunReader(database, actions),
        },
        {
          provide: RunVisibility,
          inject: [Platform, DIRECTORY],
          useFactory: ({ database }: Platform, directory: Directory) => new RunVisibility(database, new IncidentVisibility(directory), new IncidentReader(database)),
        },
        {
          provide: RunStarter,
          inject: [Platform, PlaybookStore],
          useFactory: ({ config }: Platform, store: PlaybookStore) => new RunStarter(store, config.playbooks as Record<string, { enabled: boolean; params: JsonObject }> satisfies PlaybookSettings),
        },
        {
          provide: Runtime,
          inject: [Platform, PlaybookStore, AUDIT_SINK, GOVERNOR, APPROVAL_DESK, ACTION_CATALOGUE],
          useFactory: (platform: Platform, playbooks: PlaybookStore, audit: AuditSink, governor: Governor, desk: ApprovalDesk, actions: ActionCatalogue) =>
            runtimeOf(platform, playbooks, audit, governor, desk, actions),
        },
        {
          provide: RunService,
          inject: [Platform, Runtime, PlaybookStore, RunStarter, DIRECTORY],
          useFactory: ({ database }: Platform, runtime: Runtime, playbooks: PlaybookStore, starter: RunStarter, directory: Directory) => {
            const [incidents, visibility] = [new IncidentReader(database), new IncidentVisibility(directory)];
            return new RunService({ database, runtime, playbooks, starter, incident: async (id, caller) => snapshotOf(await incidents.require(id, await visibility.of(caller))) });
          },
        },
        {
          provide: RespondHandler,
          inject: [Platform, Runtime, RunStarter],
          useFactory: ({ facts, telemetry }: Platform, runtime: Runtime, starter: RunStarter) =>
            new RespondHandler({ facts, runtime, starter, incident: incidentNow, log: telemetry.log(respondLogEvents), metrics: telemetry.metrics(respondMetrics) }),
        },
        {
          provide: WORKERS,
          inject: [Platform, Runtime, PlaybookStore, RespondHandler],
          useFactory: (platform: Platform, runtime: Runtime, store: PlaybookStore, handler: RespondHandler) => register(platform, runtime, store, handler, library),
        },
      ],
      exports: [Runtime],
    };
  }
}

async function incidentNow(tx: DatabaseTx, id: string): Promise<IncidentNow | undefined> {
  const store = new IncidentStore();
  const incident = await store.find(tx, id);
  return incident && { incident: snapshotOf(incident), signalIds: await store.signalIds(tx, id, MOST_SIGNALS) };
}

const WORKERS = Symbol('respond workers');

function runtimeOf(platform: Platform, playbooks: PlaybookStore, audit: AuditSink, governor: Governor, desk: ApprovalDesk, actions: ActionCatalogue): Runtime {
  const { config, database, clock, leases, facts, factsWritten, telemetry, instance } = platform;
  const { concurrency, leaseTime: leaseMs, poll: pollMs, askDeadline: askDeadlineMs } = config.respond;
  desk.attach(new ApprovalInbox());
  return new Runtime(
    {
      database, clock, leases, factsWritten: () => factsWritten.notify(),
      parts: {
        instance, playbooks, actions, inputs: new InputCheck(), governor, desk, facts, audit, metrics: telemetry.metrics(respondMetrics), log: telemetry.log(respondLogEvents),
      },
    },
    { concurrency, leaseMs, pollMs, askDeadlineMs, drainMs: config.server.drainTimeout },
  );
}

/** Playbooks first, then the workers over their runs, then what starts runs. */
function register(platform: Platform, runtime: Runtime, store: PlaybookStore, handler: RespondHandler, library: PlaybookLibrary): true {
  const log = platform.telemetry.log(respondLogEvents);
  const load = async (): Promise<void> => {
    for (const found of library.refused) log('respond.playbook_refused', { ...found });
    for (const found of library.warnings) log('respond.playbook_warning', { ...found });
    for (const playbook of library.playbooks) await store.activate(playbook);
  };
  platform.lifecycle.register({ name: 'playbooks', phase: 'maintenance', start: load });
  // Incidents of before the first start are nobody's news: a playbook would contain people for what may be settled long ago.
  platform.lifecycle.register({
    name: `${CURSOR}.begin`,
    phase: 'maintenance',
    start: async () => void (await platform.cursors.open(CURSOR, 'fact', await platform.facts.end())),
  });
  platform.lifecycle.register({ name: 'runs', phase: 'workers', start: () => runtime.start(), stop: () => runtime.stop() });
  platform.addConsumer(handler, { name: CURSOR, reads: 'fact', batchSize: BATCH_FACTS }, platform.factsWritten);
  return true;
}

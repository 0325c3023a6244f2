import { Global, Inject, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { AccessModule, KeyHolders, WebSessions } from '../../access/index.js';
import { BreakGlassPeople } from '../../context/index.js';
import { IncidentVisibility } from '../../incident/index.js';
import { ACTION_CATALOGUE, AUDIT_SINK, DIRECTORY, type ActionCatalogue, type AuditSink, type Directory } from '../../kernel/index.js';
import { LeasedTask, Platform, ProblemSender, type Guard } from '../../platform/index.js';
import { APPROVAL_DESK } from './approval-desk.js';
import { approvalLogEvents } from './approval.log-events.js';
import { approvalMetrics } from './approval.metrics.js';
import { registerApprovalPages } from './approval.pages.js';
import { ApprovalReader } from './approval-reader.js';
import { ApprovalService } from './approval.service.js';
import { ApprovalStore } from './approval-store.js';
import { ApprovalWorker } from './approval-worker.js';
import { ApprovalsController } from './approvals.controller.js';
import { ApproverFinder } from './approvers.js';
import { EvidenceReader } from './evidence.js';
import { NoticeQueue } from './notice-queue.js';
import { NoticeSender } from './notice-sender.js';

const EVERY_MS = 1_000;

/** Decisions of people: the desk that the runtime asks at, the API, the pages, deadlines and mails. */
@Global()
@Module({
  imports: [AccessModule],
  controllers: [ApprovalsController],
  providers: [
    ApprovalStore,
    {
      provide: ApproverFinder,
      inject: [DIRECTORY],
      useFactory: (directory: Directory) => new ApproverFinder({ directory, holders: new KeyHolders(), breakGlass: new BreakGlassPeople() }),
    },
    {
      provide: ApprovalReader,
      inject: [Platform, ApprovalStore, ApproverFinder],
      useFactory: ({ database }: Platform, store: ApprovalStore, approvers: ApproverFinder) => new ApprovalReader({ database, store, approvers }),
    },
    {
      provide: ApprovalService,
      inject: [Platform, ApprovalStore, ApproverFinder, AUDIT_SINK, ACTION_CATALOGUE],
      useFactory: ({ database, facts, telemetry, factsWritten }: Platform, store: ApprovalStore, approvers: ApproverFinder, audit: AuditSink, catalogue: ActionCatalogue) =>
        new ApprovalService({
          database, store, approvers, facts, audit, catalogue,
          notices: new NoticeQueue(),
          metrics: telemetry.metrics(approvalMetrics),
          log: telemetry.log(approvalLogEvents),
          written: factsWritten,
        }),
    },
    { provide: APPROVAL_DESK, useExisting: ApprovalService },
    {
      provide: ApprovalWorker,
      inject: [Platform, ApprovalService],
      useFactory: ({ database, telemetry, factsWritten }: Platform, service: ApprovalService) =>
        new ApprovalWorker({ database, service, metrics: telemetry.metrics(approvalMetrics), log: telemetry.log(approvalLogEvents), written: factsWritten }),
    },
    {
      provide: NoticeSender,
      inject: [Platform, ApprovalStore, ACTION_CATALOGUE],
      useFactory: ({ config, database, telemetry }: Platform, store: ApprovalStore, catalogue: ActionCatalogue) =>
        new NoticeSender({ database, store, catalogue, publicUrl: config.server.publicUrl, metrics: telemetry.metrics(approvalMetrics), log: telemetry.log(approvalLogEvents) }),
    },
  ],
  exports: [APPROVAL_DESK],
})
export class ApprovalModule {
  constructor({ httpAdapter }: HttpAdapterHost, platform: Platform, worker: ApprovalWorker, notices: NoticeSender, reader: ApprovalReader, service: ApprovalService, sessions: WebSessions, @Inject(DIRECTORY) directory: Directory) {
    const { config, database, telemetry } = platform;
    registerApprovalPages(httpAdapter.getInstance<FastifyInstance>(), {
      database, reader, service, sessions,
      evidence: new EvidenceReader(database, new IncidentVisibility(directory)),
      problems: new ProblemSender(telemetry),
      publicUrl: config.server.publicUrl,
    });
    this.#run(platform, 'approvals', (guard) => worker.turn(guard));
    // On its own, so that a mail server that hangs holds up no deadline.
    this.#run(platform, 'approval mail', () => notices.turn());
  }

  #run(platform: Platform, name: string, turn: (guard: Guard) => Promise<boolean>): void {
    const task = new LeasedTask(platform, turn, { name, holder: platform.instance, everyMs: EVERY_MS });
    platform.lifecycle.register({ name, phase: 'workers', start: () => task.start(), stop: () => task.stop() });
  }
}

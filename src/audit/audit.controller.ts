import { Readable } from 'node:stream';
import { Controller, Get, Query, Req, StreamableFile } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { AuditExport } from './audit-export.js';
import { auditErrors } from './audit.errors.js';
import { parseEntryQuery, parseExportQuery, toEntryResponse, type EntryResponse } from './audit.schema.js';
import { ChainReader } from './chain-reader.js';
import type { Checkpoint } from './checkpoint.js';

@Controller('v1/audit')
export class AuditController {
  constructor(
    private readonly reader: ChainReader,
    private readonly exports: AuditExport,
  ) {}

  /** Sealed entries, newest first: `actor`, `action`, `target`, `from`, `to`, `limit`, and `after` with the `next` of the page before. */
  @Get()
  @RouteConfig({ access: { permission: 'audit.read' } })
  async list(@Query() query: unknown): Promise<{ entries: EntryResponse[]; next: number | null }> {
    const parsed = parseEntryQuery(query);
    const entries = await this.reader.list(parsed);
    return { entries: entries.map(toEntryResponse), next: entries.length === parsed.limit ? (entries.at(-1)?.seq ?? null) : null };
  }

  /** The newest signed checkpoint, to be kept elsewhere. */
  @Get('checkpoint')
  @RouteConfig({ access: { permission: 'audit.read' } })
  async checkpoint(): Promise<Checkpoint> {
    const checkpoint = await this.reader.newestCheckpoint();
    if (!checkpoint) throw auditErrors.create('audit.no_checkpoint');
    return checkpoint;
  }

  /** The whole chain as NDJSON for `cordon audit verify --file`; `from_seq` leaves out what is before. Itself an entry. */
  @Get('export')
  @RouteConfig({ access: { permission: 'audit.read' } })
  async export(@Query() query: unknown, @Req() request: FastifyRequest): Promise<StreamableFile> {
    const pieces = await this.exports.open(parseExportQuery(query), request.principal?.actor ?? 'unknown');
    return new StreamableFile(Readable.from(pieces, { objectMode: false }), { type: 'application/x-ndjson', disposition: 'attachment; filename="audit.ndjson"' });
  }
}

import { Controller, Get, Param, Query } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { JsonObject } from '../kernel/index.js';
import { SignalReader } from './signal-reader.js';
import { parseSignalQuery, toSignalResponse, type SignalResponse } from './signal.schema.js';

@Controller('v1/signals')
export class SignalsController {
  constructor(private readonly signals: SignalReader) {}

  /** Signals, newest first: `rule`, `level`, `since`, `limit`, and `after` with the `next` of the page before. */
  @Get()
  @RouteConfig({ access: { permission: 'signals.read' } })
  async list(@Query() query: unknown): Promise<{ signals: SignalResponse[]; next: string | null }> {
    const { signals, next } = await this.signals.list(parseSignalQuery(query));
    return { signals: signals.map(toSignalResponse), next: next ?? null };
  }

  /** One signal with the events it cites. */
  @Get(':id')
  @RouteConfig({ access: { permission: 'signals.read' } })
  async read(@Param('id') id: string): Promise<SignalResponse & { evidence: { record_id: string; position: number; document: JsonObject }[] }> {
    const { signal, evidence } = await this.signals.read(id);
    return { ...toSignalResponse(signal), evidence: evidence.map(({ recordId, position, document }) => ({ record_id: recordId, position, document })) };
  }
}

import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { PipelineErrorStore } from './pipeline-error-store.js';
import { parseListQuery, parseReplayBody, toErrorResponse, type PipelineErrorResponse } from './pipeline-error.schema.js';

const actorOf = (request: FastifyRequest): string => request.principal?.actor ?? 'unknown';

@Controller('v1/pipeline-errors')
export class PipelineErrorsController {
  constructor(private readonly store: PipelineErrorStore) {}

  /** Records that could not be normalised, oldest first: `status`, `stream`, `after` (position), `limit`. */
  @Get()
  @RouteConfig({ access: { permission: 'pipeline_errors.read' } })
  async list(@Query() query: unknown): Promise<{ errors: PipelineErrorResponse[]; next: number | null }> {
    const parsed = parseListQuery(query);
    const errors = await this.store.list(parsed);
    return { errors: errors.map(toErrorResponse), next: errors.length === parsed.limit ? (errors.at(-1)?.position ?? null) : null };
  }

  /** One of them with its raw text, null once it is resolved; reading it is audited. */
  @Get(':recordId')
  @RouteConfig({ access: { permission: 'pipeline_errors.replay' } })
  async inspect(@Param('recordId') recordId: string, @Req() request: FastifyRequest): Promise<PipelineErrorResponse & { raw: string | null }> {
    const { error, raw } = await this.store.inspect(recordId, actorOf(request));
    return { ...toErrorResponse(error), raw: raw?.toString('utf8') ?? null };
  }

  /** Sends open errors through the present mapping: `{stream?, limit?}`. */
  @Post('replay')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'pipeline_errors.replay' } })
  async replay(@Body() body: unknown, @Req() request: FastifyRequest): Promise<{ replayed: { record_id: string; new_record_id: string }[] }> {
    const { stream, limit } = parseReplayBody(body);
    const replayed = await this.store.replay(stream, limit, actorOf(request));
    return { replayed: replayed.map(({ recordId, newRecordId }) => ({ record_id: recordId, new_record_id: newRecordId })) };
  }

  /** Takes one off the list for good. */
  @Delete(':recordId')
  @HttpCode(204)
  @RouteConfig({ access: { permission: 'pipeline_errors.replay' } })
  async discard(@Param('recordId') recordId: string, @Req() request: FastifyRequest): Promise<void> {
    await this.store.discard(recordId, actorOf(request));
  }
}

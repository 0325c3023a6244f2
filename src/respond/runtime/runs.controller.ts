import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../kernel/index.js';
import { RunReader } from './run-reader.js';
import { parseCancel, parseEvent, parseReason, parseRunQuery, parseStart, parseUndo, toRunDetailResponse, toRunResponse, type RunDetailResponse, type RunResponse } from './run.schema.js';
import { RunService } from './run.service.js';
import { RunVisibility } from './run-visibility.js';
import type { RunCommand } from './commands.js';

/** Set by the HTTP shell before any handler of a route with a permission runs. */
function callerOf({ principal }: FastifyRequest): Principal {
  if (principal === null) throw new TypeError('a route with a permission was reached without a principal');
  return principal;
}

@Controller('v1/runs')
export class RunsController {
  constructor(
    private readonly reader: RunReader,
    private readonly service: RunService,
    private readonly visibility: RunVisibility,
  ) {}

  /** Runs, newest start first: `status`, `playbook`, `incident`, `limit`, and `after` with the `next` of the page before. */
  @Get()
  @RouteConfig({ access: { permission: 'runs.read' } })
  async list(@Query() query: unknown, @Req() request: FastifyRequest): Promise<{ runs: RunResponse[]; next: string | null }> {
    const { runs, next } = await this.reader.list(parseRunQuery(query), await this.visibility.of(callerOf(request)));
    return { runs: runs.map(toRunResponse), next: next ?? null };
  }

  /** One run with its log, effects, attempts, verdicts and timers. */
  @Get(':id')
  @RouteConfig({ access: { permission: 'runs.read' } })
  async read(@Param('id') id: string, @Req() request: FastifyRequest): Promise<RunDetailResponse> {
    await this.#require(id, callerOf(request));
    return toRunDetailResponse(await this.reader.read(id));
  }

  /** `{playbook, incident?, key?, data?}`: starts a run by hand. */
  @Post()
  @HttpCode(201)
  @RouteConfig({ access: { permission: 'runs.manage' } })
  async start(@Body() body: unknown, @Req() request: FastifyRequest): Promise<RunDetailResponse> {
    const { playbook, key, incident, data } = parseStart(body);
    return toRunDetailResponse(await this.reader.read(await this.service.start({ playbook, key, incident, data }, callerOf(request))));
  }

  /** `{undo?: all | none | ask, reason}` */
  @Post(':id/cancel')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'runs.manage' } })
  cancel(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<RunDetailResponse> {
    return this.#do(id, { kind: 'cancel', ...parseCancel(body) }, request);
  }

  /** `{reason}` */
  @Post(':id/suspend')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'runs.manage' } })
  suspend(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<RunDetailResponse> {
    return this.#do(id, { kind: 'suspend', ...parseReason(body) }, request);
  }

  /** `{reason}` */
  @Post(':id/resume')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'runs.manage' } })
  resume(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<RunDetailResponse> {
    return this.#do(id, { kind: 'resume', ...parseReason(body) }, request);
  }

  /** `{scope?: all | since:<state> | invoke ids, reason}`: takes back what a finished run did. */
  @Post(':id/undo')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'runs.manage' } })
  undo(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<RunDetailResponse> {
    return this.#do(id, { kind: 'undo', ...parseUndo(body) }, request);
  }

  /** `{type: manual.<name>, data?}`: an event for the playbook; 409 where it waits for none. */
  @Post(':id/events')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'runs.manage' } })
  async send(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<RunDetailResponse> {
    const { type, data } = parseEvent(body);
    return this.#do(id, { kind: 'event', event: { ...data, type } }, request);
  }

  async #do(id: string, command: RunCommand, request: FastifyRequest): Promise<RunDetailResponse> {
    const caller = callerOf(request);
    await this.#require(id, caller);
    await this.service.command(id, command, caller);
    return toRunDetailResponse(await this.reader.read(id));
  }

  /** @throws CordonError `respond.run_unknown` */
  async #require(id: string, caller: Principal): Promise<void> {
    await this.reader.require(id, await this.visibility.of(caller));
  }
}

import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../kernel/index.js';
import { parseCaseQuery, parseClose, parseEvent, parseFinding, toCaseDetail, toCasePage } from './breach.schema.js';
import { BreachService } from './breach.service.js';
import { CaseVisibility } from './case-visibility.js';

const actorOf = (request: FastifyRequest): string => request.principal?.actor ?? 'unknown';
const callerOf = ({ principal }: FastifyRequest): Pick<Principal, 'person'> => ({ person: principal?.person ?? null });

@Controller('v1/breach-cases')
export class BreachController {
  constructor(
    private readonly service: BreachService,
    private readonly visibility: CaseVisibility,
  ) {}

  /** Cases, newest opening first: `open` (true or false), `limit`, and `after` with the `next` of the page before. */
  @Get()
  @RouteConfig({ access: { permission: 'breach.read' } })
  async list(@Query() query: unknown, @Req() request: FastifyRequest): Promise<object> {
    return toCasePage(await this.visibility.list(parseCaseQuery(query), callerOf(request)));
  }

  /** One case with what the enabled regimes ask, by when and why, and everything that was recorded. */
  @Get(':id')
  @RouteConfig({ access: { permission: 'breach.read' } })
  async read(@Param('id') id: string, @Req() request: FastifyRequest): Promise<object> {
    await this.visibility.require(id, callerOf(request));
    return toCaseDetail(await this.service.read(id));
  }

  /** `{kind, at, why}`: when an event happened that regimes count from. */
  @Post(':id/events')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'breach.manage' } })
  async recordEvent(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<object> {
    const { kind, at, why } = parseEvent(body);
    await this.visibility.require(id, callerOf(request));
    await this.service.recordEvent(id, kind, at, why, actorOf(request));
    return this.read(id, request);
  }

  /** `{name, value, why}`: what was found out; `unknown` takes a value back. */
  @Post(':id/findings')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'breach.manage' } })
  async recordFinding(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<object> {
    const { name, value, why } = parseFinding(body);
    await this.visibility.require(id, callerOf(request));
    await this.service.recordFinding(id, name, value, why, actorOf(request));
    return this.read(id, request);
  }

  /** `{decision, reason}` */
  @Post(':id/close')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'breach.manage' } })
  async close(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<object> {
    const { decision, reason } = parseClose(body);
    await this.visibility.require(id, callerOf(request));
    await this.service.close(id, decision, reason, actorOf(request));
    return this.read(id, request);
  }
}

import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { IncidentReader } from './incident-reader.js';
import { IncidentVisibility, type Sees } from './incident-visibility.js';
import {
  parseAssign, parseClose, parseComment, parseIncidentQuery, parseMerge, parseReopen, parseTriage, toIncidentDetailResponse, toIncidentResponse,
  type IncidentDetailResponse, type IncidentResponse,
} from './incident.schema.js';
import { IncidentService } from './incident.service.js';

const actorOf = (request: FastifyRequest): string => request.principal?.actor ?? 'unknown';

@Controller('v1/incidents')
export class IncidentsController {
  constructor(
    private readonly reader: IncidentReader,
    private readonly service: IncidentService,
    private readonly visibility: IncidentVisibility,
  ) {}

  /** Incidents, newest opening first: `status` (all but merged), `entity` (`type:value` or a name), `min_risk`, `limit`, and `after` with the `next` of the page before. */
  @Get()
  @RouteConfig({ access: { permission: 'incidents.read' } })
  async list(@Query() query: unknown, @Req() request: FastifyRequest): Promise<{ incidents: IncidentResponse[]; next: string | null }> {
    const { incidents, next } = await this.reader.list(parseIncidentQuery(query), await this.#seenBy(request));
    return { incidents: incidents.map(toIncidentResponse), next: next ?? null };
  }

  /** One incident with the parts of its risk, its entities, signals and timeline. */
  @Get(':id')
  @RouteConfig({ access: { permission: 'incidents.read' } })
  async read(@Param('id') id: string, @Req() request: FastifyRequest): Promise<IncidentDetailResponse> {
    return toIncidentDetailResponse(await this.reader.read(id, await this.#seenBy(request)));
  }

  /** `{note?}` */
  @Post(':id/triage')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'incidents.manage' } })
  async triage(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<IncidentResponse> {
    const { note } = parseTriage(body);
    await this.#require(id, request);
    return toIncidentResponse(await this.service.triage(id, actorOf(request), note));
  }

  /** `{verdict, reason}` */
  @Post(':id/close')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'incidents.manage' } })
  async close(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<IncidentResponse> {
    const { verdict, reason } = parseClose(body);
    await this.#require(id, request);
    return toIncidentResponse(await this.service.close(id, actorOf(request), verdict, reason));
  }

  /** `{reason}` */
  @Post(':id/reopen')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'incidents.manage' } })
  async reopen(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<IncidentResponse> {
    const { reason } = parseReopen(body);
    await this.#require(id, request);
    return toIncidentResponse(await this.service.reopen(id, actorOf(request), reason));
  }

  /** `{assignee}`, null for nobody */
  @Post(':id/assign')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'incidents.manage' } })
  async assign(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<IncidentResponse> {
    const { assignee } = parseAssign(body);
    await this.#require(id, request);
    return toIncidentResponse(await this.service.assign(id, actorOf(request), assignee));
  }

  /** `{text}` */
  @Post(':id/comment')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'incidents.manage' } })
  async comment(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<IncidentResponse> {
    const { text } = parseComment(body);
    await this.#require(id, request);
    return toIncidentResponse(await this.service.comment(id, actorOf(request), text));
  }

  /** `{from, reason}`: the incident `from` goes into this one. */
  @Post(':id/merge')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'incidents.manage' } })
  async merge(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<IncidentResponse> {
    const { from, reason } = parseMerge(body);
    await this.#require(id, request);
    await this.#require(from, request);
    return toIncidentResponse(await this.service.merge(id, from, actorOf(request), reason));
  }

  #seenBy({ principal }: FastifyRequest): Promise<Sees> {
    return this.visibility.of({ person: principal?.person ?? null });
  }

  /** @throws CordonError `incident.unknown`, also for an incident of which the caller must not know */
  async #require(id: string, request: FastifyRequest): Promise<void> {
    await this.reader.require(id, await this.#seenBy(request));
  }
}

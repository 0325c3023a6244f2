import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../kernel/index.js';
import { ApprovalReader } from './approval-reader.js';
import { parseApprovalQuery, parseDecision, toApprovalResponse, type ApprovalResponse } from './approval.schema.js';
import { ApprovalService } from './approval.service.js';

/** Set by the HTTP shell before any handler of a route with a permission runs. */
function callerOf({ principal }: FastifyRequest): Principal {
  if (principal === null) throw new TypeError('a route with a permission was reached without a principal');
  return principal;
}

@Controller('v1/approvals')
export class ApprovalsController {
  constructor(
    private readonly reader: ApprovalReader,
    private readonly service: ApprovalService,
  ) {}

  /** Approvals, newest request first: `state` (open, or all), `mine`, `incident`, `limit`, and `after` with the `next` of the page before. */
  @Get()
  @RouteConfig({ access: { permission: 'approvals.read' } })
  async list(@Query() query: unknown, @Req() request: FastifyRequest): Promise<{ approvals: ApprovalResponse[]; next: string | null }> {
    const { approvals, next } = await this.reader.list(callerOf(request), parseApprovalQuery(query));
    return { approvals: approvals.map(toApprovalResponse), next: next ?? null };
  }

  @Get(':id')
  @RouteConfig({ access: { permission: 'approvals.read' } })
  async read(@Param('id') id: string, @Req() request: FastifyRequest): Promise<ApprovalResponse> {
    return toApprovalResponse(await this.reader.read(callerOf(request), id));
  }

  /** `{decision: approve | refuse, reason}` */
  @Post(':id/decision')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'approvals.decide' } })
  async decide(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<ApprovalResponse> {
    const principal = callerOf(request);
    await this.service.vote(id, principal, parseDecision(body));
    return toApprovalResponse(await this.reader.read(principal, id));
  }
}

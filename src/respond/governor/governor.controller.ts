import { Body, Controller, Get, HttpCode, Post, Query, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { GovernorDesk } from './governor-desk.js';
import { parseExplain, parseSwitch, toExplainResponse, toStatusResponse, toSwitchResponse, type ExplainResponse, type StatusResponse, type SwitchResponse } from './governor.schema.js';
import { KillSwitches } from './kill-switches.js';

@Controller('v1/governor')
export class GovernorController {
  constructor(
    private readonly desk: GovernorDesk,
    private readonly switches: KillSwitches,
  ) {}

  /** Kill switches, modes, and how much of the caps is used. */
  @Get()
  @RouteConfig({ access: { permission: 'governor.read' } })
  async status(): Promise<StatusResponse> {
    return toStatusResponse(await this.desk.status());
  }

  /** What the governor would say now: `action`, `entity` (`type:value`, repeatable), `mode` of the playbook, `incident`. Nothing is reserved. */
  @Get('explain')
  @RouteConfig({ access: { permission: 'governor.read' } })
  async explain(@Query() query: unknown, @Req() request: FastifyRequest): Promise<ExplainResponse> {
    return toExplainResponse(await this.desk.explain(parseExplain(query), { person: request.principal?.person ?? null }));
  }

  /** `{on, scope?, reason}`; `scope` is `all`, a class of actions or the id of one. */
  @Post('kill-switch')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'governor.manage' } })
  async killSwitch(@Body() body: unknown, @Req() request: FastifyRequest): Promise<{ kill_switches: SwitchResponse[] }> {
    const switches = await this.switches.change({ ...parseSwitch(body), actor: request.principal?.actor ?? 'unknown' });
    return { kill_switches: switches.map(toSwitchResponse) };
  }
}

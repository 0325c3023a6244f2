import { Body, Controller, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { Database } from '../platform/index.js';
import { parseReason, toRegimeResponse } from './breach.schema.js';
import { BreachService } from './breach.service.js';
import { RegimeRegister } from './regime-register.js';

@Controller('v1/regimes')
export class RegimesController {
  constructor(
    private readonly database: Database,
    private readonly register: RegimeRegister,
    private readonly service: BreachService,
  ) {}

  /** The regimes of this build, with who enabled them. */
  @Get()
  @RouteConfig({ access: { permission: 'breach.read' } })
  async list(): Promise<object> {
    return { regimes: (await this.register.list(this.database)).map(toRegimeResponse) };
  }

  /** `{reason}`: from now on the regime counts in every open case. */
  @Post(':id/enable')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'breach.manage' } })
  enable(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<object> {
    return this.#decide(id, true, body, request);
  }

  /** `{reason}` */
  @Post(':id/disable')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'breach.manage' } })
  disable(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<object> {
    return this.#decide(id, false, body, request);
  }

  async #decide(id: string, enabled: boolean, body: unknown, request: FastifyRequest): Promise<object> {
    const { reason } = parseReason(body);
    return toRegimeResponse(await this.service.decideRegime(id, enabled, reason, request.principal?.actor ?? 'unknown'));
  }
}

import { Controller, Get } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ActionRegistry } from './action-registry.js';
import { toActionResponse, type ActionResponse } from './action.schema.js';

@Controller('v1/actions')
export class ActionsController {
  constructor(private readonly registry: ActionRegistry) {}

  /** Every action of this build, and whether it can run here. */
  @Get()
  @RouteConfig({ access: { permission: 'actions.read' } })
  list(): { actions: ActionResponse[] } {
    return { actions: this.registry.statuses().map(toActionResponse) };
  }
}

import { Module, type DynamicModule } from '@nestjs/common';
import { ACTION_CATALOGUE } from '../../kernel/index.js';
import { Platform } from '../../platform/index.js';
import type { Connector } from '../../sdk/index.js';
import { ActionRegistry } from './action-registry.js';
import { ActionsController } from './actions.controller.js';

/** Offers the actions of the configured connectors; further modules register theirs with {@link ActionRegistry}. */
@Module({})
export class ActionsModule {
  static forRoot(connectors: readonly Connector[]): DynamicModule {
    return {
      module: ActionsModule,
      global: true,
      controllers: [ActionsController],
      providers: [
        {
          provide: ActionRegistry,
          inject: [Platform],
          useFactory: ({ config, outbound }: Platform) => new ActionRegistry({ connectors, config: config.connectors, http: outbound.http, dialer: outbound }),
        },
        { provide: ACTION_CATALOGUE, useExisting: ActionRegistry },
      ],
      exports: [ActionRegistry, ACTION_CATALOGUE],
    };
  }
}

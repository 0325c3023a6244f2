import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { readInput } from '../platform/index.js';
import { accessErrors } from './access.errors.js';
import type { ApiKey } from './api-key.js';
import { ApiKeyService } from './api-key.service.js';

const MAX_NAME = 200;

const newKey = z.strictObject({
  name: z.string().trim().min(1).max(MAX_NAME),
  roles: z.array(z.string()).min(1),
  person: z.string().min(1).max(MAX_NAME).optional(),
  expires: z.iso.datetime({ offset: true }).optional(),
});

const actorOf = ({ principal }: FastifyRequest): string => principal?.actor ?? 'unknown';

@Controller('v1/keys')
export class KeysController {
  constructor(private readonly keys: ApiKeyService) {}

  /** Every key, never a secret. */
  @Get()
  @RouteConfig({ access: { permission: 'keys.read' } })
  async list(): Promise<object> {
    return { keys: (await this.keys.list()).map(toKeyResponse) };
  }

  /** `{name, roles, person?, expires?}`. The answer is the only place where the whole key ever stands. */
  @Post()
  @HttpCode(201)
  @RouteConfig({ access: { permission: 'keys.manage' } })
  async create(@Body() body: unknown, @Req() request: FastifyRequest): Promise<object> {
    const { name, roles, person, expires } = readInput(newKey, body ?? {}, (fault) => accessErrors.create('access.request_invalid', fault));
    const made = await this.keys.create({ name, roles, ...(person !== undefined && { person }), ...(expires !== undefined && { expiresAt: new Date(expires) }) }, actorOf(request));
    return { ...toKeyResponse(made.key), key: made.text };
  }

  @Delete(':id')
  @HttpCode(204)
  @RouteConfig({ access: { permission: 'keys.manage' } })
  async revoke(@Param('id') id: string, @Req() request: FastifyRequest): Promise<void> {
    await this.keys.revoke(id, actorOf(request));
  }
}

const toKeyResponse = ({ id, name, roles, person, createdAt, expiresAt, revokedAt }: ApiKey) => ({
  id, name, roles, person, created: createdAt.toISOString(), expires: expiresAt?.toISOString() ?? null, revoked: revokedAt?.toISOString() ?? null,
});

import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { DIRECTORY, type Directory } from '../kernel/index.js';
import { contextErrors } from './context.errors.js';
import { parseAt, parseResolve, toAnswer, toPersonResponse } from './context.schema.js';

@Controller('v1/context')
export class ContextController {
  constructor(@Inject(DIRECTORY) private readonly directory: Directory) {}

  /** One person by id with the managers above; `at` asks for an earlier time. */
  @Get('people/:id')
  @RouteConfig({ access: { permission: 'context.read' } })
  async person(@Param('id') id: string, @Query() query: unknown): Promise<object> {
    const options = parseAt(query);
    const person = await this.directory.personOf({ type: 'person', value: id }, options);
    if (!person.known) throw contextErrors.create('context.person_unknown', { field: 'id', detail: person.detail });
    return toPersonResponse(person, await this.directory.managersOf(person.id, options));
  }

  /** What is known under a name and who acts under it: `type`, `value`, `system`, `at`. Not to know is an answer, not an error. */
  @Get('resolve')
  @RouteConfig({ access: { permission: 'context.read' } })
  async resolve(@Query() query: unknown): Promise<object> {
    const { entity, ...options } = parseResolve(query);
    const [answer, person] = await Promise.all([this.directory.resolve(entity, options), this.directory.personOf(entity, options)]);
    return { entity, answer: toAnswer(answer), person: toAnswer(person) };
  }
}

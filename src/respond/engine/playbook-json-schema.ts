import { z } from 'zod';
import type { JsonObject } from '../../kernel/index.js';
import { playbookSchema } from './playbook-schema.js';

/** JSON Schema (2020-12) of the shape of a playbook, for editors; docs/playbook.schema.json holds it. */
export function playbookJsonSchema(): JsonObject {
  const { $schema, ...schema } = z.toJSONSchema(playbookSchema, { io: 'input', target: 'draft-2020-12' }) as JsonObject;
  return { $schema: $schema ?? '', title: 'cordon.playbook/1', ...schema };
}

import type { FastifyInstance } from 'fastify';
import type { ProblemSender } from '../platform/index.js';
import { contextErrors } from './context.errors.js';
import { parseImport, toImportResponse } from './context.schema.js';
import { MAX_IMPORT_BYTES, type ContextImporter } from './importer.js';

/** JSON escapes in the text of the files come on top of their size. */
const MAX_BODY_BYTES = MAX_IMPORT_BYTES + MAX_IMPORT_BYTES / 4;

interface ImportRoute {
  Querystring: unknown;
  Body: unknown;
}

/** `POST /v1/context/import` in a scope of its own, since its body may be larger than those of other routes. */
export function registerContextRoutes(server: FastifyInstance, importer: ContextImporter, problems: ProblemSender): void {
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
      try {
        done(null, JSON.parse(String(body)));
      } catch (cause) {
        done(contextErrors.create('context.request_invalid', { detail: 'the body is not JSON', cause }));
      }
    });
    scope.setErrorHandler((error, request, reply) => problems.send(error, request, reply));
    scope.post<ImportRoute>('/v1/context/import', { bodyLimit: MAX_BODY_BYTES, config: { access: { permission: 'context.manage' } } }, async (request) => {
      const report = await importer.run(parseImport(request.query, request.body, request.principal?.actor ?? 'unknown'));
      return toImportResponse(report);
    });
  });
}

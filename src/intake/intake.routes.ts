import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isCordonError } from '../kernel/index.js';
import { crashPoint, type ProblemSender } from '../platform/index.js';
import type { Admission, Intake } from './intake.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set between the headers and the body of a delivery. */
    admission: Admission | null;
  }
}

interface IntakeRoute {
  Params: { source: string };
  Body: Buffer;
}

const ACCEPTED = 202;
const NO_BODY = Buffer.alloc(0);

/**
 * `POST /v1/intake/:source` in a scope of its own: bodies stay bytes whatever their Content-Type says, since the
 * signature covers them as they travelled.
 */
export function registerIntakeRoutes(server: FastifyInstance, intake: Intake, { maxBodyBytes, problems }: { maxBodyBytes: number; problems: ProblemSender }): void {
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.decorateRequest('admission', null);
    scope.setErrorHandler((error, request, reply) => {
      problems.send(refusalOf(error, request, intake), request, reply);
    });
    scope.post<IntakeRoute>('/v1/intake/:source', {
      bodyLimit: maxBodyBytes,
      config: { access: { public: 'the source authenticates itself by signature or token of its own' } },
      onRequest: (request, reply, done) => {
        try {
          const admission = intake.admit(request.params.source, request.headers);
          request.admission = admission;
          // 'close' comes after every end of a response, an aborted one included; no hook of Fastify does.
          reply.raw.once('close', () => {
            admission.memory.release();
            if (reply.raw.statusCode === ACCEPTED && reply.raw.writableFinished) crashPoint('intake.after_ack');
          });
        } catch (error) {
          done(error as Error);
          return;
        }
        done();
      },
      handler: async (request, reply) => {
        if (!request.admission) throw new TypeError('the handler ran before the request was admitted');
        const result = await intake.deliver(request.admission, request.body ?? NO_BODY);
        crashPoint('intake.before_ack');
        return reply.status(ACCEPTED).send(result);
      },
    });
  });
}

/** A body over the limit that came without Content-Length is found by Fastify while it reads. */
function refusalOf(error: unknown, { admission }: FastifyRequest, intake: Intake): unknown {
  const tooLarge = !isCordonError(error) && (error as { statusCode?: unknown }).statusCode === 413;
  return tooLarge && admission ? intake.refusals.refuse(admission.source.name, 'body_too_large') : error;
}

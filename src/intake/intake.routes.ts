import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { crashPoint, type ProblemSender } from '../platform/index.js';
import type { Admission, Intake } from './intake.js';
import { receiveBody } from './receive-body.js';

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
export function registerIntakeRoutes(server: FastifyInstance, intake: Intake, problems: ProblemSender): void {
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (request: FastifyRequest, stream: IncomingMessage) => {
      const admission = admissionOf(request);
      return receiveBody(stream, (size) => intake.arrived(admission, size));
    });
    scope.decorateRequest('admission', null);
    scope.setErrorHandler((error, request, reply) => {
      problems.send(error, request, reply);
    });
    scope.post<IntakeRoute>('/v1/intake/:source', {
      config: { access: { public: 'the source authenticates itself by signature or token of its own' } },
      onRequest: (request, reply, done) => {
        try {
          const admission = intake.admit(request.params.source, request.headers, request.ip);
          request.admission = admission;
          // 'close' comes after every end of a response, an aborted one included; no hook of Fastify does.
          reply.raw.once('close', () => {
            intake.closed(admission);
            if (reply.raw.statusCode === ACCEPTED && reply.raw.writableFinished) crashPoint('intake.after_ack');
          });
        } catch (error) {
          done(error as Error);
          return;
        }
        done();
      },
      handler: async (request, reply) => {
        const result = await intake.deliver(admissionOf(request), request.body ?? NO_BODY);
        crashPoint('intake.before_ack');
        return reply.status(ACCEPTED).send(result);
      },
    });
  });
}

function admissionOf({ admission }: Pick<FastifyRequest, 'admission'>): Admission {
  if (!admission) throw new TypeError('the body was read before the request was admitted');
  return admission;
}

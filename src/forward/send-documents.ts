import { SinkFailure, type Delivery, type Sink, type SinkDocument } from '../kernel/index.js';

/** Requests after which a search ends in which nothing passed: enough for each of {@link SEARCHABLE} documents alone. */
const MOST_IN_VAIN = 64;
/** Documents in which a search always comes to an end. */
export const SEARCHABLE = MOST_IN_VAIN / 2;

export interface SentDocuments {
  readonly deliveries: ReadonlyMap<string, Delivery>;
  /** Whether a request had to be divided because a document in it was refused. */
  readonly searched: boolean;
}

/**
 * Documents to a sink. A request that is too large, or refused for what may be one document in it, is halved, large parts
 * first, down to the documents at fault. One that is too large is left out. One that is refused is left out only if others
 * passed and it is refused a second time after them: a sink that refuses everything is set up wrongly, and loses nothing.
 * @throws SinkFailure of the sink
 */
export async function sendDocuments(sink: Sink, documents: readonly SinkDocument[], signal: AbortSignal): Promise<SentDocuments> {
  const deliveries = new Map<string, Delivery>();
  const refused = new Map<SinkDocument, SinkFailure>();
  const parts = [documents];
  let requests = 0;
  for (let part = parts.shift(); part; part = parts.shift()) {
    const outcome = await attempt(sink, part, signal);
    requests += 1;
    if (!(outcome instanceof SinkFailure)) {
      for (const [id, delivery] of outcome) deliveries.set(id, delivery);
      continue;
    }
    const [document] = part;
    if (outcome.kind === 'refused' && requests >= MOST_IN_VAIN && !passed(deliveries)) throw outcome;
    if (part.length > 1) parts.push(part.slice(0, Math.ceil(part.length / 2)), part.slice(Math.ceil(part.length / 2)));
    else if (document && outcome.kind === 'refused') refused.set(document, outcome);
    else if (document) deliveries.set(document.id, { status: 'rejected', reason: outcome.message });
  }
  for (const [document, failure] of refused) {
    if (!passed(deliveries)) throw failure;
    const again = await attempt(sink, [document], signal);
    deliveries.set(document.id, again instanceof SinkFailure ? { status: 'rejected', reason: again.message } : (again.get(document.id) ?? { status: 'retry', reason: failure.message }));
  }
  return { deliveries, searched: refused.size > 0 };
}

const passed = (deliveries: ReadonlyMap<string, Delivery>): boolean => [...deliveries.values()].some(({ status }) => status === 'accepted' || status === 'duplicate');

/** Gives a failure that a smaller request may not have; throws every other. */
async function attempt(sink: Sink, documents: readonly SinkDocument[], signal: AbortSignal): Promise<ReadonlyMap<string, Delivery> | SinkFailure> {
  let answers: readonly Delivery[];
  try {
    answers = await sink.send(documents, signal);
  } catch (error) {
    if (error instanceof SinkFailure && (error.kind === 'too_large' || (error.kind === 'refused' && error.options.suspect))) return error;
    throw error;
  }
  const deliveries = new Map<string, Delivery>();
  for (const [index, { id }] of documents.entries()) {
    const answer = answers[index];
    if (!answer) throw new SinkFailure('unavailable', `the sink answered for ${answers.length} of ${documents.length} documents`);
    deliveries.set(id, answer);
  }
  return deliveries;
}

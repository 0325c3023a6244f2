import { defineErrors } from '../../kernel/index.js';

export const outboundErrors = defineErrors({
  'outbound.request_invalid': {
    status: 400,
    title: 'The request cannot be sent as it is',
    remedy: 'Correct the address or header that the detail names; an address is absolute, http or https, without user and password.',
  },
  'outbound.address_refused': {
    status: 403,
    title: 'The address may not be called',
    remedy: 'Private and local ranges are called only when outbound.allow has the name, the address or its range; link-local addresses only by address or range.',
  },
  'outbound.name_unknown': {
    status: 502,
    title: 'The name has no address',
    remedy: 'Check the spelling in the configuration and the name service of this machine.',
    retryable: true,
  },
  'outbound.not_reachable': {
    status: 502,
    title: 'No connection can be made',
    remedy: 'Check that the target runs and that this machine may reach its port.',
    retryable: true,
  },
  'outbound.connect_timeout': {
    status: 504,
    title: 'No connection came about in time',
    remedy: 'Check the path to the target; outbound.connectTimeout is the limit.',
    retryable: true,
  },
  'outbound.not_trusted': {
    status: 502,
    title: 'The certificate of the target is not trusted',
    remedy: 'Give the target a certificate for this name, or its authority in outbound.ca.',
  },
  'outbound.timeout': {
    status: 504,
    title: 'The target did not answer in time',
    remedy: 'Look whether the target is overloaded; outbound.timeout and the time-out of the step are the limits. What was asked may have been done.',
    retryable: true,
  },
  'outbound.given_up': {
    status: 503,
    title: 'The request was given up before its answer',
    remedy: 'The step was left or the product stopped. What was asked may have been done.',
    retryable: true,
  },
  'outbound.connection_lost': {
    status: 502,
    title: 'The connection ended before the answer did',
    remedy: 'What was asked may have been done; look at the target before asking again where that is not safe.',
    retryable: true,
  },
  'outbound.answer_unreadable': {
    status: 502,
    title: 'The answer is not HTTP, or its compression is broken',
    remedy: 'Check that the address is that of the service itself, and of the right scheme.',
    retryable: true,
  },
  'outbound.answer_too_large': {
    status: 502,
    title: 'The answer is too large',
    remedy: 'Ask for less, or raise outbound.maxResponseBytes.',
  },
  'outbound.circuit_open': {
    status: 503,
    title: 'The target failed several times in a row and is left alone for a while',
    remedy: 'Mend the target; a request that comes after outbound.breaker.pause tries again by itself.',
    retryable: true,
  },
  'outbound.ca_unreadable': {
    status: 500,
    title: 'The file of certificate authorities cannot be used',
    remedy: 'outbound.ca names a readable file with certificates in PEM form.',
  },
});

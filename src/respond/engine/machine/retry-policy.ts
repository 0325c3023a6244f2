import type { RetryPolicy } from '../compiled-playbook.js';
import type { RetrySource } from '../playbook-source.js';
import { requireDuration } from './require-duration.js';

/** What a playbook's `retry` says, with 3 attempts more, 1 s doubled up to 5 min where it says nothing. */
export function retryPolicy({ max = 3, backoff = 'PT1S', factor = 2, cap = 'PT5M', on }: RetrySource, invokeId: string): RetryPolicy {
  return { max, backoffMs: requireDuration(backoff, `the backoff of ${invokeId}`), factor, capMs: requireDuration(cap, `the cap of ${invokeId}`), on };
}

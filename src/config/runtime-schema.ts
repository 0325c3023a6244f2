import { z } from 'zod';
import { duration } from '../kernel/index.js';

/** Keys of `respond` that the runtime of playbooks reads. */
export const runtimeKeys = {
  playbooks: z.array(z.string().min(1)).default(['playbooks']).describe('Folders with playbooks, each in a folder of its own as playbook.yaml; relative to the project root.'),
  concurrency: z.int().min(1).max(1000).default(32).describe('Calls of actions that this instance makes at once.'),
  leaseTime: duration('30s').describe('How long an instance that makes a call counts as alive without a sign of life; then another one takes the call over.'),
  poll: duration('500ms').describe('How often to look for work that no other instance told of.'),
  askDeadline: duration('30m').describe('How long an approver has who is asked because the governor asks; then the answer is no.'),
} as const;

import { createHash } from 'node:crypto';
import { ActionFailure, defineAction } from '#sdk/index.js';
import MailComposer from 'nodemailer/lib/mail-composer';
import { z } from 'zod';
import { emailAddress, emailConfig, type EmailConfig } from '../config.js';
import { deliver } from './smtp-delivery.js';

const LONGEST_SUBJECT = 250;
const name = z.string().min(1).describe('An address, or a name from connectors.email.recipients such as a role.');

export const emailSend = defineAction({
  id: 'email.send',
  title: 'Send an e-mail',
  effectClass: 'unsafe',
  destructive: false,
  notify: true,
  config: emailConfig,
  input: z.strictObject({
    to: z.union([name, z.array(name).min(1).max(100)]).describe('Who gets it.'),
    subject: z.string().min(1).describe('Line ends and other control characters become spaces.'),
    text: z.string().optional().describe('Plain text; without it the subject.'),
  }),
  result: z.strictObject({ messageId: z.string(), accepted: z.array(z.string()), rejected: z.array(z.string()) }),
  timeout: '1m',
  entities: () => [],
  async do({ input, config, key, now, dialer, signal }) {
    const to = recipients(typeof input.to === 'string' ? [input.to] : input.to, config);
    const subject = input.subject.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim().slice(0, LONGEST_SUBJECT);
    // Out of the effect's key: a mailbox that gets it twice can tell.
    const messageId = `<${createHash('sha256').update(key).digest('hex').slice(0, 32)}@${config.from.split('@')[1]}>`;
    const message = await new MailComposer({
      from: config.from, to, subject, messageId, date: now,
      text: input.text ?? subject,
      // RFC 3834: no out-of-office note is to answer it.
      headers: { 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
    }).compile().build();
    const { accepted, rejected } = await deliver(message, { from: config.from, to }, { config, dialer, signal });
    return { result: { messageId, accepted: [...accepted], rejected: [...rejected] } };
  },
  verify: { none: 'a mail server says that it took the message; whether anyone gets or reads it cannot be asked' },
  undo: { none: 'a message that was sent cannot be called back' },
});

function recipients(names: readonly string[], config: EmailConfig): string[] {
  const addresses = names.flatMap((given) => {
    if (given.includes('@')) {
      if (emailAddress.safeParse(given).success) return [given];
      throw new ActionFailure('input.to is not one e-mail address, name@domain', { code: 'INPUT_INVALID', retryable: false, notSent: true });
    }
    const group = Object.hasOwn(config.recipients, given) ? config.recipients[given] : undefined;
    if (group) return group;
    throw new ActionFailure(`input.to: connectors.email.recipients has no ${JSON.stringify(given)}`, { code: 'INPUT_INVALID', retryable: false, notSent: true });
  });
  return [...new Set(addresses)];
}

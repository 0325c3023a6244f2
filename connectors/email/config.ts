import { secret, type Resolved } from '#sdk/index.js';
import { z } from 'zod';

/** One address and nothing else: no display name, list, comment or line end can come in. */
export const emailAddress = z.string().regex(/^[^\s@<>()[\]\\,;:"\p{Cc}]+@[^\s@<>()[\]\\,;:"\p{Cc}]+$/u, 'must be one e-mail address, name@domain');

export const emailConfig = z
  .strictObject({
    host: z.string().min(1).describe('Mail server.'),
    port: z.int().min(1).max(65535).default(587).describe('Its port: 587 with starttls, 465 with tls.'),
    security: z.enum(['starttls', 'tls', 'none']).default('starttls').describe('starttls is required, not tried: without it nothing is sent. none: unencrypted, for a relay on this machine.'),
    user: z.string().min(1).optional().describe('User of the mail server; absent: no login.'),
    password: secret().optional().describe('Its password.'),
    from: emailAddress.describe('Sender.'),
    recipients: z.record(z.string().regex(/^[^@]+$/, 'a name of recipients has no @'), z.array(emailAddress).min(1)).default({}).describe('Addresses by the name that playbooks use, such as the role `approver`.'),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), { error: 'user and password are given together', path: ['user'] })
  .refine(({ user, security }) => user === undefined || security !== 'none', { error: 'a password is not sent unencrypted: use starttls or tls', path: ['security'] });

export type EmailConfig = Resolved<z.output<typeof emailConfig>>;

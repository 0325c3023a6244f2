import { z } from 'zod';
import { secretReference } from '../kernel/index.js';

/** A key of a connector's configuration that holds a secret: written as `env:NAME` or `file:PATH`, read as a wrapped `Secret`. */
export const secret = () => secretReference;

/** An absolute address without user or password, which belong into secrets. */
export const httpUrl = () =>
  z.url({ protocol: /^https?$/, error: 'must be an absolute http or https address' }).refine((text) => !/^[^/]*\/\/[^/]*@/.test(text), 'holds a user or password: give them as secrets');

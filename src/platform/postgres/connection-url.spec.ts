import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Client } from 'pg';
import { connectionUrl } from './connection-url.js';

const text = fc.string({ minLength: 1, maxLength: 20 }).filter((value) => !/[\0\uD800-\uDFFF]/.test(value));

describe('connectionUrl', () => {
  it('gives node-postgres back what went in, for a socket folder and for an address', () => {
    const host = fc.oneof(
      text.map((name) => `/${name}`),
      fc.constant('127.0.0.1'),
    );
    fc.assert(
      fc.property(host, fc.integer({ min: 1, max: 65535 }), text, text, (address, port, user, password) => {
        const client = new Client({ connectionString: connectionUrl({ host: address, port, user, password, database: 'cordon' }) });
        expect({ host: client.host, port: client.port, user: client.user, password: client.password, database: client.database }).toEqual({ host: address, port, user, password, database: 'cordon' });
      }),
    );
  });
});

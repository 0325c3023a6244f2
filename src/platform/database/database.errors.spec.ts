import { describe, expect, it } from '@jest/globals';
import { isConnectionFailure, toDatabaseError } from './database.errors.js';

const reported = (code: string) => Object.assign(new Error('as PostgreSQL says'), { code, severity: 'ERROR' });
const socket = (code: string) => Object.assign(new Error('as Node says'), { code });

describe('toDatabaseError', () => {
  it.each([
    ['57014', 'platform.database_timeout'],
    ['55P03', 'platform.database_busy'],
    ['40001', 'platform.database_conflict'],
    ['40P01', 'platform.database_conflict'],
    ['53100', 'platform.database_full'],
    ['28P01', 'platform.database_denied'],
    ['3D000', 'platform.database_missing'],
    ['08006', 'platform.database_unavailable'],
    ['57P01', 'platform.database_unavailable'],
    ['53300', 'platform.database_unavailable'],
  ])('maps SQLSTATE %s to %s, also inside TypeORM\'s wrapper', (state, code) => {
    const error = reported(state);
    expect(toDatabaseError(error)).toMatchObject({ code, cause: error });
    expect(toDatabaseError(Object.assign(new Error('wrapped'), { driverError: error, code: state }))).toMatchObject({ code });
  });

  it.each(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'ETIMEDOUT'])('maps %s of the socket', (code) => {
    expect(toDatabaseError(socket(code))).toMatchObject({ code: 'platform.database_unavailable', definition: { retryable: true } });
    expect(isConnectionFailure(new AggregateError([socket(code)]))).toBe(true);
  });

  it.each(['Connection terminated unexpectedly', 'Connection terminated due to connection timeout', 'timeout exceeded when trying to connect', 'Query read timeout', 'Client was closed and is not queryable'])(
    'knows node-postgres by its words: %s',
    (message) => {
      expect(toDatabaseError(new Error(message))).toMatchObject({ code: 'platform.database_unavailable' });
    },
  );

  it('leaves everything else as it is', () => {
    for (const error of [reported('23505'), reported('42601'), new Error('mine'), 'text', undefined]) expect(toDatabaseError(error)).toBe(error);
  });
});

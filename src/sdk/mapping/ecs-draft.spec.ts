import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../kernel/index.js';
import { EcsDraft } from './ecs-draft.js';

const draft = (): EcsDraft => new EcsDraft(new Date('2026-02-01T00:00:00Z')).set('@timestamp', '2026-01-15T09:30:00Z');

describe('EcsDraft', () => {
  test('a value takes the form of its field', () => {
    const document = draft()
      .set('http.response.status_code', '404').set('http.request.method', 7).set('source.ip', '192.0.2.1:80').set('event.category', 'web')
      .set('event.start', 1768469400).set('event.severity', -0).set('container.id', true).finish();
    expect(document).toMatchObject({
      http: { response: { status_code: 404 }, request: { method: '7' } },
      source: { ip: '192.0.2.1' },
      event: { category: ['web'], start: '2026-01-15T09:30:00.000Z', severity: 0 },
      container: { id: 'true' },
    });
  });

  test.each([
    ['source.ip', 'somewhere', 'ip'],
    ['http.response.status_code', '4.5', 'long'],
    ['http.response.status_code', 1e30, 'long'],
    ['event.kind', 'incident', 'allowed value'],
    ['event.start', 'yesterday', 'date'],
    ['user.name', { first: 'a' }, 'keyword'],
    ['source.geo.location', { lat: 91, lon: 0 }, 'geo_point'],
  ] as const)('%s refuses %p, keeps it aside and says so', (field, value, type) => {
    const document = draft().set(field, value).finish();
    let aside: unknown = (document['cordon'] as JsonObject)['unmapped'];
    for (const key of field.split('.')) aside = (aside as JsonObject)[key];
    expect(aside).toEqual(value);
    expect((document['cordon'] as JsonObject)['warnings']).toEqual([expect.stringMatching(new RegExp(`^${field}: .* is no ${type}$`))]);
    expect(Object.hasOwn(document, field.split('.')[0]!)).toBe(false);
  });

  test('the fitting members of a list stay', () => {
    const document = draft().set('dns.resolved_ip', ['192.0.2.1', 'x', '192.0.2.1', null]).finish();
    expect(document).toMatchObject({ dns: { resolved_ip: ['192.0.2.1'] }, cordon: { unmapped: { dns: { resolved_ip: ['x'] } } } });
  });

  test('a type that no category expects moves away', () => {
    const document = draft().set('event.category', ['authentication']).set('event.type', ['start', 'denied']).finish();
    expect(document).toMatchObject({ event: { type: ['start'] }, cordon: { unmapped: { event: { type: ['denied'] } } } });
    expect(draft().set('event.category', ['web', 'network']).set('event.type', ['denied']).finish()['cordon']).toBeUndefined();
  });

  test('related collects addresses, users, hosts and hashes, each once', () => {
    const document = draft()
      .set('source.ip', '192.0.2.1').set('destination.ip', '192.0.2.1').set('user.email', 'ann@example.com').set('url.domain', 'example.com')
      .set('file.hash.md5', 'abc').relate('ip', '192.0.2.2', 'not an address', undefined).finish();
    expect(document['related']).toEqual({ ip: ['192.0.2.1', '192.0.2.2'], user: ['ann@example.com', 'ann'], hosts: ['example.com'], hash: ['abc'] });
    expect(document['user']).toEqual({ email: 'ann@example.com', name: 'ann', domain: 'example.com' });
  });

  test('a record without time gets the time of receipt and a warning', () => {
    expect(new EcsDraft(new Date('2026-02-01T00:00:00Z')).finish()).toEqual({
      '@timestamp': '2026-02-01T00:00:00.000Z',
      cordon: { warnings: [expect.stringContaining('@timestamp')] },
    });
  });

  test('a URL gives its parts, and a part that is set stays', () => {
    const document = draft().set('url.domain', 'kept.example.com').url('https://other.example.com/a?b').finish();
    expect(document['url']).toEqual({ domain: 'kept.example.com', original: 'https://other.example.com/a?b', scheme: 'https', path: '/a', query: 'b' });
    expect(draft().url('drive.example.net/x', { hostFirst: true }).get('url.domain')).toBe('drive.example.net');
  });

  test('warnings are bounded', () => {
    const full = draft();
    for (let i = 0; i < 1000; i++) full.warn('again');
    expect(((full.finish()['cordon'] as JsonObject)['warnings'] as unknown[]).length).toBe(20);
  });
});

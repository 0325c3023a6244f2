import { describe, expect, test } from '@jest/globals';
import { formatMac, parseEndpoint, parseIp, parsePort } from './address.js';

describe('addresses', () => {
  test.each([
    ['192.0.2.1', { ip: '192.0.2.1' }],
    ['192.0.2.1:80', { ip: '192.0.2.1', port: 80 }],
    ['2001:db8::1', { ip: '2001:db8::1' }],
    ['[2001:db8::1]', { ip: '2001:db8::1' }],
    ['[2001:db8::1]:443', { ip: '2001:db8::1', port: 443 }],
    ['fe80::1%eth0', { ip: 'fe80::1' }],
    ['[fe80::1%eth0]:22', { ip: 'fe80::1', port: 22 }],
    ['::ffff:192.0.2.1', { ip: '192.0.2.1' }],
    ['api.example.com:8443', { domain: 'api.example.com', port: 8443 }],
    ['localhost', { domain: 'localhost' }],
    ['api.example.com:99999', { domain: 'api.example.com' }],
  ])('%s is split', (text, expected) => {
    expect(parseEndpoint(text)).toEqual(expected);
  });

  test.each(['', 'a b', '/path', 'http://x', '[not]:1', 'user@host', 'a:b:c'])('%p is no endpoint', (text) => {
    expect(parseEndpoint(text)).toBeUndefined();
  });

  test('an IP is found with its port and never made up', () => {
    expect(parseIp('192.0.2.1:80')).toBe('192.0.2.1');
    expect(parseIp('999.999.999.999')).toBeUndefined();
    expect(parseIp('api.example.com')).toBeUndefined();
  });

  test('ports', () => {
    expect([parsePort('0'), parsePort(65535), parsePort('65536'), parsePort('-1'), parsePort('8.5'), parsePort('')]).toEqual([0, 65535, undefined, undefined, undefined, undefined]);
  });

  test('hardware addresses take the form of RFC 7042', () => {
    expect(formatMac('00:00:5e:00:53:23')).toBe('00-00-5E-00-53-23');
    expect(formatMac('0000.5e00.5323')).toBe('00-00-5E-00-53-23');
    expect(formatMac('00:00:5e')).toBeUndefined();
  });
});

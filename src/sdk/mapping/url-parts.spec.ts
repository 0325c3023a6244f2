import { expect, test } from '@jest/globals';
import { urlParts } from './url-parts.js';

test.each([
  ['https://user:secret@API.example.com:8443/a/b.csv?x=1&y#z', { scheme: 'https', domain: 'API.example.com', port: 8443, path: '/a/b.csv', query: 'x=1&y', fragment: 'z', extension: 'csv', username: 'user' }],
  ['/reports/q4.pdf?download=1', { path: '/reports/q4.pdf', query: 'download=1', extension: 'pdf' }],
  ['http://[2001:db8::1]:80/', { scheme: 'http', domain: '2001:db8::1', port: 80, path: '/' }],
  ['//drive.example.net/x', { domain: 'drive.example.net', path: '/x' }],
  ['/.hidden', { path: '/.hidden' }],
  ['', {}],
])('%s', (text, expected) => {
  expect(urlParts(text)).toEqual(expected);
});

test('a password never becomes a part', () => {
  expect(JSON.stringify(urlParts('https://user:secret@example.com/'))).not.toContain('secret');
});

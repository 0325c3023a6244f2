import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it, jest } from '@jest/globals';
import { listActions, showAction } from './actions.js';

const config = path.join(mkdtempSync(path.join(tmpdir(), 'cordon-actions-')), 'cordon.yaml');
writeFileSync(config, 'connectors: { email: { host: mail.example.com, from: cordon@example.com } }\n');

function printed(act: () => unknown): { result: unknown; output: string } {
  const lines: string[] = [];
  const write = (chunk: unknown) => lines.push(String(chunk)) > 0;
  jest.spyOn(process.stdout, 'write').mockImplementation(write);
  jest.spyOn(process.stderr, 'write').mockImplementation(write);
  return { result: act(), output: lines.join('') };
}
afterEach(() => {
  jest.restoreAllMocks();
});

it('lists every action with what is configured', () => {
  const { output } = printed(() => listActions({ config }));
  expect(output).toContain('email.send\tunsafe\tnotify\tnot verified\tnot undone\tconfigured\n');
  expect(output).toContain('scim.deactivate-user\tconvergent\tdestructive\tverified by read-back\tundone by scim.reactivate-user\tnot configured\n');
  expect(output).toMatch(/^breach\.open\tin-database\t.*\tconfigured$/m);
});

it('shows one, and the nearest name for one that there is not', () => {
  const shown = printed(() => showAction('oauth.revoke-tokens', { config, json: true }));
  expect(JSON.parse(shown.output)).toMatchObject({ configured: false, input: { properties: { tokens: { writeOnly: true } }, additionalProperties: false } });
  expect(printed(() => showAction('scim.deactivate-users', { config }))).toEqual({ result: 1, output: expect.stringContaining('nearest: scim.deactivate-user') });
});

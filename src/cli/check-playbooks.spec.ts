import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FIXTURE_ACTIONS } from '../respond/engine/fixtures/actions.js';
import { checkPlaybooks, type CheckedFile } from './check-playbooks.js';

const fixtures = path.resolve(import.meta.dirname, '../respond/engine/fixtures');
const actions = FIXTURE_ACTIONS.filter(({ id }) => !id.startsWith('core.'));

async function check(paths: readonly string[], strict = false): Promise<CheckedFile[]> {
  const checked: CheckedFile[] = [];
  for await (const file of checkPlaybooks(paths, actions, strict)) checked.push(file);
  return checked;
}

describe('checkPlaybooks', () => {
  it('takes folders, in the order of names, each file once', async () => {
    const checked = await check([path.join(fixtures, 'valid'), path.join(fixtures, 'valid/disable-account.yaml')]);
    expect(checked.map(({ file, ok }) => [path.basename(file), ok])).toEqual([['disable-account.yaml', true], ['stop-bulk-download.yaml', true]]);
    expect(checked.every(({ hash }) => /^[0-9a-f]{64}$/.test(hash ?? ''))).toBe(true);
  });

  it('lets a warning pass, but for strict', async () => {
    const file = path.join(fixtures, 'invalid/unused-policy.yaml');
    expect((await check([file]))[0]).toMatchObject({ ok: true, findings: [{ severity: 'warning', line: 11 }] });
    expect((await check([file], true))[0]?.ok).toBe(false);
  });

  it('names a path that cannot be read', async () => {
    await expect(check([path.join(fixtures, 'nowhere.yaml')])).rejects.toMatchObject({ code: 'respond.playbook_invalid' });
    await expect(check([path.join(fixtures, 'invalid'), path.join(fixtures, '..', 'nothing')])).rejects.toMatchObject({ code: 'respond.playbook_invalid' });
  });
});

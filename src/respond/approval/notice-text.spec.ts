import { describe, expect, it } from '@jest/globals';
import type { Approval } from './approval.js';
import { noticeText } from './notice-text.js';

const approval: Approval = {
  id: 'a', effectId: 'e', runId: 'r', playbook: 'p', incidentId: null, episode: null, role: 'approver', quorum: 1, onDeadline: 'refuse', content: { shows: null, would: [] }, about: [],
  requestedBy: null, requestedAt: new Date(0), deadline: new Date(3_600_000), remindAt: null, escalatedAt: null, breakGlass: false, state: 'open', decidedAt: null, reason: null, votes: [],
};
const mailAbout = (value: string) => noticeText({ approval: { ...approval, about: [{ type: 'account', value }] }, kind: 'requested', publicUrl: 'https://cordon.example.com' }).text;

describe('a mail about an approval', () => {
  it('quotes the name it is about, short and without a link, so that nobody writes the mail by their name', () => {
    const text = mailAbout('sam" Log in first: https://phish.example.com/ or WWW.phish.example.com, then decide as your manager has told you');
    const [about] = /^About: .*$/m.exec(text) ?? [];
    expect(about).toMatch(/^About: account "sam' Log in first: https: \/\/phish\.example\.com\/[^"]*…"$/);
    expect(about!.length).toBeLessThan(90);
    expect(mailAbout('www.phish.example.com')).not.toMatch(/www\./i);
    expect(text.match(/:\/\//g)).toHaveLength(1);
  });
});

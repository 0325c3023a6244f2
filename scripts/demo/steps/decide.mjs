import { Browser } from '../browser.mjs';
import { company } from '../company.mjs';
import { readMail } from '../mail.mjs';
import { hold, until } from '../until.mjs';

/** The playbook asks by mail; whom it is about cannot answer, a second person does, on the page that the mail leads to. */
export async function decide(stage, teller) {
  await teller.part('A person decides');
  const { morgan, avery } = company;
  const { subject, link } = await mailWithLink(stage, morgan.email);
  const escalation = stage.targets.mail.messages.map(({ raw }) => readMail(raw)).find(({ text }) => text.includes(stage.incident.id) && text.includes(`Decide at ${stage.product.url}/approvals`));
  hold(escalation !== undefined && escalation.text.includes(avery.account), 'the playbook told Morgan by mail what it proposes');
  teller.fact('mail to Morgan', escalation.subject);
  teller.fact('and', subject);
  teller.fact('leads to', `${stage.product.url}${link}`);

  const averysBrowser = new Browser(stage.product.url);
  const refused = await signIn(averysBrowser, link, stage.keys.avery);
  hold(refused.status === 404 && !refused.html.includes(stage.incident.id), `the page is not there for ${avery.name}, whom it is about`, refused.status);
  teller.say('Avery, an approver too, signs in and follows the link: 404, there is no such approval.');

  const approval = await approve(stage, link, 'Leaves in two weeks, and Blair knows of no export. Contain now.');
  hold(approval.votes.length === 1 && approval.votes[0].person === morgan.id, `${morgan.name} decided, as the person ${morgan.id}`, approval.votes);
  stage.approvedAt = Date.parse(approval.decided_at);
  teller.say(`Morgan signs in with an API key, reads the evidence and approves: ${approval.would.map(({ title }) => title).join(', ')}.`);
  teller.say('The form is sent once more with the token that was used: it is refused.');
}

/**
 * Approves on the page as Morgan does in a browser: API key for cookie, the form with its single-use token, the same form
 * again, which must not count. Gives the approval as the API then shows it.
 */
export async function approve(stage, link, reason) {
  const browser = new Browser(stage.product.url);
  const page = await signIn(browser, link, stage.keys.morgan);
  hold(page.status === 200 && page.html.includes(`action="${link}"`), 'the page shows Morgan the form', page.status);
  const after = await browser.submit(page, link, { decision: 'approve', reason });
  hold(after.status === 200 && after.html.includes('This approval is approved'), 'the page says that it is approved', after.status);
  const again = await browser.submit(page, link, { decision: 'approve', reason });
  hold(again.status >= 400, 'a form counts once', again.status);
  const approval = await stage.apis.morgan.get(`/v1${link}`);
  hold(approval.state === 'approved', 'the API calls it approved', approval.state);
  return approval;
}

/** Opens a page that asks for a sign-in first, signs in, and gives the page that was asked for. */
async function signIn(browser, link, key) {
  const login = await browser.open(link);
  hold(!login.html.includes(`action="${link}"`) && login.html.includes('action="/login"'), 'the page asks to sign in first and shows no form to decide', login.status);
  return browser.submit(login, '/login', { key });
}

/** The newest mail to an address whose link to an approval was not followed yet. */
export function mailWithLink(stage, address) {
  const { mail } = stage.targets;
  stage.followed ??= new Set();
  return until(
    `a mail with a link to an approval reaches ${address}`,
    () => {
      stage.product.requireRunning();
      for (const { to, raw } of mail.messages) {
        const { subject, text } = readMail(raw);
        const link = /\/approvals\/[0-9a-f-]{36}/.exec(text)?.[0];
        if (!to.includes(address) || link === undefined || stage.followed.has(link)) continue;
        stage.followed.add(link);
        return { subject, link };
      }
      return undefined;
    },
    { seen: () => mail.messages.map(({ to, raw }) => ({ to, subject: readMail(raw).subject })) },
  );
}

import { company } from '../company.mjs';
import { hold, until } from '../until.mjs';
import { approve, mailWithLink } from './decide.mjs';
import { verifyAudit } from './look-back.mjs';
import { readUser } from './set-the-scene.mjs';

/** It was agreed with the customer after all: closed as a false positive, and what can be taken back is taken back. */
export async function takeBack(stage, teller) {
  await teller.part('A false positive, taken back');
  const { avery, morgan } = company;
  await stage.apis.morgan.post(`/v1/incidents/${stage.incident.id}/close`, { verdict: 'false_positive', reason: 'Blair had asked for the export; the bucket is the one of the auditors.' });
  teller.say('Morgan closes the incident: Blair had asked for the export.');

  const { link } = await mailWithLink(stage, morgan.email);
  await approve(stage, link, 'Give the account back.');
  teller.say('Giving access back is asked as well; Morgan approves on the page.');

  const user = await until("the directory calls Avery's account active again", async () => {
    stage.product.requireRunning();
    const read = await readUser(stage.targets.users, avery.account);
    return read.active === true ? read : undefined;
  });
  hold(user.userName === avery.account, 'it is the account of Avery', user);
  teller.fact('directory', `GET /Users of ${avery.account}: active true`);
  hold(!(await stage.targets.identity.isActive(stage.tokens.opaque.accessToken)), 'a revoked token stays revoked');
  teller.fact('identity provider', 'the revoked tokens stay revoked; Avery signs in anew');
  const timeline = async () => (await stage.apis.morgan.get(`/v1/incidents/${stage.incident.id}`)).timeline;
  const finished = await until('the run of the playbook has ended', async () => (await timeline()).find(({ type }) => type === 'run.finished'), { seen: async () => (await timeline()).map(({ type }) => type) });
  hold(finished.detail.outcome === 'released', 'the run ended as released', finished.detail);
  teller.fact('playbook', 'ended as released');
  await verifyAudit(stage, teller);
}

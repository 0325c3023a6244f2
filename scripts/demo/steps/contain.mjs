import { company } from '../company.mjs';
import { clock, span } from '../teller.mjs';
import { hold, until } from '../until.mjs';
import { readUser } from './set-the-scene.mjs';

/** Tokens are revoked and the account is deactivated; Cordon reads both back, and so do we, past Cordon. */
export async function contain(stage, teller) {
  await teller.part('Contained, and read back');
  const { avery } = company;
  const { identity, users } = stage.targets;
  const { morgan } = stage.apis;
  const incident = await until(
    'the containment is verified',
    async () => {
      stage.product.requireRunning();
      const found = await morgan.get(`/v1/incidents/${stage.incident.id}`);
      return found.timeline.some(({ type }) => type === 'containment.verified') && found.status === 'contained' ? found : undefined;
    },
    { seen: async () => (await morgan.get(`/v1/incidents/${stage.incident.id}`)).timeline.map(({ type, detail: { action, code, message } }) => [type, action, code, message].filter(Boolean).join(' ')) },
  );
  const verified = incident.timeline.find(({ type }) => type === 'containment.verified');
  stage.verified = { at: Date.parse(verified.at), residual: verified.detail.residualAccessUntil };

  const { opaque, jwt } = stage.tokens;
  for (const [name, token] of [['access', opaque.accessToken], ['refresh', opaque.refreshToken], ['second refresh', jwt.refreshToken]]) {
    hold(!(await identity.isActive(token)), `the identity provider calls the ${name} token inactive`);
  }
  const refreshed = await identity.refresh(opaque.refreshToken);
  hold(refreshed.error === 'invalid_grant', 'nobody gets a new access token for the refresh token', Object.keys(refreshed));
  teller.fact('identity provider', 'introspection of access and refresh tokens: active false; a refresh gives invalid_grant');
  const user = await readUser(users, avery.account);
  hold(user.active === false, 'the directory calls the account inactive', user);
  teller.fact('directory', `GET /Users of ${avery.account}: active false`);

  const expiry = expiryOf(jwt.accessToken);
  hold(stage.verified.residual !== null && Date.parse(stage.verified.residual) === expiry, 'residual access lasts until the JWT expires', { residual: stage.verified.residual, expiry: new Date(expiry).toISOString() });
  teller.fact('residual access', `until ${clock(expiry)} UTC: the reports API accepts a JWT until it expires and asks nobody`);
  teller.print('');
  teller.fact('from opening', `${span(stage.verified.at - Date.parse(incident.opened_at))} to verified containment`);
  teller.fact('from the decision', span(stage.verified.at - stage.approvedAt));
}

const expiryOf = (jwt) => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url').toString('utf8')).exp * 1000;

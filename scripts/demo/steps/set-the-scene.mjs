import { readFileSync } from 'node:fs';
import { Api } from '../api.mjs';
import { company, contextFiles } from '../company.mjs';
import { hold } from '../until.mjs';

/** Whose keys the story needs. A key of an approver belongs to a person, else four eyes would mean nothing. */
const KEYS = [
  { holder: 'morgan', roles: ['analyst', 'approver'] },
  { holder: 'rowan', roles: ['privacy'] },
  { holder: 'avery', roles: ['approver'] },
];

const REGIME = 'eu-gdpr';

/** The systems of the company, Cordon, what it knows of the people, and who may ask it. */
export async function setTheScene(stage, teller) {
  await teller.part('The company');
  await stage.openTargets();
  await stage.openProduct();
  const { product, targets } = stage;
  const { identity, users, mail, elastic, splunk } = targets;
  teller.fact('Cordon', `${product.url}, embedded PostgreSQL`);
  teller.fact('identity provider', `${identity.url} (oidc-provider)`);
  teller.fact('directory', `${users.url} (scimmy)`);
  teller.fact('mail', `smtp://${mail.host}:${mail.port} (smtp-server)`);
  teller.fact('SIEMs', `${elastic.url} (bulk), ${splunk.url} (HEC)`);

  const files = Object.entries(contextFiles(Date.now())).map(([name, content]) => stage.file('context', name, content));
  teller.fact('context', (await product.command('context', 'import', '--source', 'hr', ...files)).trim().split('\n').at(-1));
  const made = await Promise.all(KEYS.map((key) => createKey(stage, key)));
  const admin = readFileSync(product.adminKey, 'utf8').trim();
  stage.apis = Object.fromEntries([...made, { holder: 'admin', key: admin }].map(({ holder, key }) => [holder, new Api(product.url, key)]));
  stage.keys = Object.fromEntries(made.map(({ holder, key }) => [holder, key]));

  const { avery, morgan, rowan } = company;
  for (const { name, role } of [avery, morgan, rowan]) teller.fact(name, role);
  stage.tokens = { opaque: await identity.logIn(avery.account), jwt: await identity.logIn(avery.account, { format: 'jwt' }) };
  hold(await identity.isActive(stage.tokens.opaque.accessToken), "the identity provider calls Avery's access token active");
  hold((await readUser(users, avery.account)).active === true, "the directory calls Avery's account active");
  teller.say('Avery is signed in twice: to the customer API, which asks for each token, and to a reports API, which takes a JWT at its word.');

  const { regimes } = await stage.apis.rowan.get('/v1/regimes');
  hold(regimes.some(({ id, status }) => id === REGIME && status === 'proposed'), `the regime ${REGIME} is proposed and counts nowhere yet`, regimes);
  await stage.apis.rowan.post(`/v1/regimes/${REGIME}/enable`, { reason: 'The company is in the EU and signed the text off.' });
  teller.say(`Rowan enables the regime ${REGIME}: from now on it counts in breach cases.`);
}

async function createKey(stage, { holder, roles }) {
  const { id, name } = company[holder];
  const file = stage.file('keys', `${holder}.key`);
  await stage.product.command('keys', 'create', '--name', name, '--person', id, '--role', ...roles, '--out', file);
  return { holder, key: readFileSync(file, 'utf8').trim() };
}

/** A user as the directory gives it over SCIM, to us as to anybody. */
export async function readUser(users, userName) {
  const answer = await fetch(`${users.url}/Users?filter=${encodeURIComponent(`userName eq ${JSON.stringify(userName)}`)}`, { headers: { authorization: `Bearer ${users.token}` } });
  const { Resources = [] } = await answer.json();
  hold(Resources.length === 1, `the directory has one user ${userName}`, Resources);
  return Resources[0];
}

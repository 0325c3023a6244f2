/**
 * The company of the demo: invented people, with the accounts and the endpoint that the story needs. `avery` is the one who
 * takes data out; `morgan` decides, `rowan` is counsel. Names and addresses are those of documentation (RFC 2606, RFC 5737).
 */
const DOMAIN = 'example.com';

const people = {
  dana: { id: 'E-100', name: 'Dana Keller', manager: '-', team: 'board', role: 'head of the company' },
  blair: { id: 'E-110', name: 'Blair Osei', manager: 'E-100', team: 'sales', role: "Avery's manager" },
  avery: { id: 'E-117', name: 'Avery Quinn', manager: 'E-110', team: 'sales', role: 'account manager, leaves in two weeks', status: 'leaving' },
  kim: { id: 'E-118', name: 'Kim Tanaka', manager: 'E-110', team: 'sales', role: 'account manager' },
  morgan: { id: 'E-120', name: 'Morgan Ilves', manager: 'E-100', team: 'security', role: 'security on duty, decides' },
  rowan: { id: 'E-130', name: 'Rowan Vos', manager: 'E-100', team: 'legal', role: 'privacy counsel' },
};

export const company = Object.fromEntries(
  Object.entries(people).map(([key, person]) => {
    const account = person.name.toLowerCase().replace(' ', '.');
    return [key, { ...person, account, email: `${account}@${DOMAIN}`, idpId: `idp|${person.id.slice(2)}` }];
  }),
);

const DAY_MS = 86_400_000;
const LEAVES_IN_DAYS = 14;

/**
 * Files for `cordon context import`. Every name that a sensor may use of an account is an alias of it, and whether someone is
 * a break-glass identity is stated of everyone: where either is unknown, Cordon is strict.
 */
export function contextFiles(now) {
  const leaves = new Date(now + LEAVES_IN_DAYS * DAY_MS).toISOString().slice(0, 10);
  const everyone = Object.values(company);
  const line = (...cells) => `${cells.join(',')}\n`;
  return {
    'people.csv':
      line('person_id', 'name', 'email', 'manager', 'team', 'status', 'leaver_date', 'break_glass') +
      everyone.map(({ id, name, email, manager, team, status = 'active' }) => line(id, name, email, manager, team, status, status === 'leaving' ? leaves : '', 'no')).join(''),
    'accounts.csv': line('account_id', 'system', 'kind', 'person', 'aliases', 'break_glass') + everyone.map(({ account, id, email, idpId }) => line(account, 'idp', 'human', id, `${email};${idpId}`, 'no')).join(''),
    'endpoints.csv': line('endpoint_id', 'name', 'owner', 'team', 'hosts', 'data_class') + line('/v1/customers', 'Customer records', company.blair.id, 'sales', 'api.example.com', 'customer'),
  };
}

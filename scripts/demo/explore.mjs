import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Leaves everything running and says what there is to see, until Ctrl-C. */
export async function explore({ product, directory, targets: { identity, users, mail, elastic, splunk } }) {
  const keys = join(directory, 'keys');
  const rows = [
    ['Cordon', product.url],
    ['approvals page', `${product.url}/approvals`],
    ['identity provider', identity.url],
    ['directory (SCIM)', users.url],
    ['mail server (SMTP)', `${mail.host}:${mail.port}`],
    ['Elastic receiver', elastic.url],
    ['Splunk receiver', splunk.url],
    ['configuration', product.file],
    ['log', product.log],
    ...readdirSync(keys).map((name) => [`key of ${name.replace('.key', '')}`, join(keys, name)]),
  ];
  process.stdout.write(`\nEverything is still running; Ctrl-C stops it and removes ${directory}\n\n`);
  for (const [label, value] of rows) process.stdout.write(`   ${label.padEnd(24)}${value}\n`);
  process.stdout.write(`
   Open the approvals page and sign in with what is in the key of morgan. Or ask the API:
   curl -s -H "Authorization: Bearer $(cat ${join(keys, 'morgan.key')})" ${product.url}/v1/incidents
   npx cordon audit verify --config ${product.file}
`);
  // The child process and the targets keep us alive; only a signal ends this.
  await new Promise(() => undefined);
}

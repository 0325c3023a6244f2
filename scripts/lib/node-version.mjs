/** The floor of `engines.node`, kept here too because package.json is not read before Node has passed. */
const FLOOR = [20, 19];

export function requireSupportedNode() {
  const version = process.versions.node.split('.').map(Number);
  if (version[0] > FLOOR[0] || (version[0] === FLOOR[0] && version[1] >= FLOOR[1])) return;
  process.stderr.write(
    'cordon: Node.js ' + process.versions.node + ' is too old, ' + FLOOR.join('.') + ' or newer is needed\n' +
      '  remedy: install a current Node.js from https://nodejs.org and run the command again\n',
  );
  process.exit(1);
}

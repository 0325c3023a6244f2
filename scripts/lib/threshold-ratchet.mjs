/**
 * What fell between two versions of the conformance thresholds: `{ checks, streams }`, each as in test/conformance.
 * Gives one sentence a fall; an empty list means that everything kept or rose.
 */
export function fallsBetween(before, after) {
  return [...streamFalls(before.streams, after.streams), ...Object.entries(before.checks).flatMap(([name, check]) => checkFalls(name, check, after.checks[name]))];
}

const streamFalls = (before, after) => before.filter((stream) => !after.includes(stream)).map((stream) => `stream ${stream} is no longer required`);

function checkFalls(name, before, after) {
  if (!after) return [`check ${name} is gone`];
  const [old, now] = [parseOptions(before.options), parseOptions(after.options)];
  const falls = [];
  if (after.min < before.min) falls.push(`${name}: min fell from ${before.min} to ${after.min}`);
  if (after.data !== before.data) falls.push(`${name}: data changed from ${before.data} to ${after.data}`);
  if (now.supportedOnly && !old.supportedOnly) falls.push(`${name}: --supported-only narrows what is scored`);
  if (now.maxViolations > old.maxViolations) falls.push(`${name}: --max-violations rose from ${old.maxViolations} to ${now.maxViolations}`);
  if (old.rest.some((option) => !now.rest.includes(option))) falls.push(`${name}: an option is gone of ${old.rest.join(' ')}`);
  return falls;
}

function parseOptions(options = []) {
  const at = options.indexOf('--max-violations');
  return {
    supportedOnly: options.includes('--supported-only'),
    maxViolations: at < 0 ? Infinity : Number(options[at + 1]),
    rest: options.filter((option, index) => option !== '--supported-only' && index !== at && (at < 0 || index !== at + 1)),
  };
}

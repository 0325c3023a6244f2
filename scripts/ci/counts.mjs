const ansi = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/**
 * How many checks a gate's output stands for. `gate`: the gate itself is one. `jest`: the tests of every `Tests:` line.
 * `lines`: every line `N passed, N failed`. An end that is not clean counts as at least one failure, and so does output
 * without any count: a gate that checked nothing has not passed.
 */
export function countsOf(kind, output, clean) {
  const counted = kind === 'gate' ? { passed: clean ? 1 : 0, failed: 0 } : sumOf(kind, output.replace(ansi, ''));
  const empty = counted.passed + counted.failed === 0;
  return { passed: counted.passed, failed: Math.max(counted.failed, clean && !empty ? 0 : 1) };
}

function sumOf(kind, output) {
  const lines = output.split('\n').filter((line) => (kind === 'jest' ? /^Tests:\s/ : /^\d+ passed, \d+ failed$/).test(line.trim()));
  const number = (line, word) => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0);
  return {
    passed: lines.reduce((total, line) => total + number(line, 'passed'), 0),
    failed: lines.reduce((total, line) => total + number(line, 'failed'), 0),
  };
}

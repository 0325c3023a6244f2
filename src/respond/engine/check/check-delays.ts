import { parseDuration } from '../duration.js';
import type { FindingCode } from '../finding-catalogue.js';
import type { Path } from '../positions.js';
import type { PlaybookCheck } from './playbook-check.js';
import { staticValue } from './static-value.js';

/** Rule 6: delays and durations. XState takes a delay that it does not know for none, and fires at once. */
export function checkDelays({ model, findings, invokes, source }: PlaybookCheck): void {
  const require = (code: FindingCode, text: string, path: Path, at: 'key' | 'value', atLeast: number): void => {
    const ms = parseDuration(text);
    if (ms === undefined) findings.add(code, path, `'${text.slice(0, 60)}' is no ISO 8601 duration${hintFor(text)}`, at);
    else if (ms < atLeast) findings.add(code, path, `'${text}' is no time at all`, at);
  };
  for (const state of model.states) {
    for (const [key, transitions] of Object.entries(state.source.after ?? {})) {
      const path = [...state.path, 'after', key];
      if (!key.includes('${')) require('playbook.bad_delay', key, path, 'key', 1);
      else if (!/^\$\{.*\}$/s.test(key)) findings.add('playbook.bad_delay', path, 'the key is more than one expression', 'key');
      const list = (Array.isArray(transitions) ? transitions : [transitions]) as readonly (string | { readonly clock?: string })[];
      const clocks = new Set(list.map((item) => (typeof item === 'string' ? 'wall' : (item.clock ?? 'wall'))));
      if (clocks.size > 1) findings.add('playbook.bad_delay', path, `one timer has one clock, not ${[...clocks].join(' and ')}`, 'key');
    }
  }
  for (const { source: invoke, path } of invokes) {
    if (invoke.timeout !== undefined) require('playbook.bad_duration', invoke.timeout, [...path, 'timeout'], 'value', 1);
    if (invoke.retry?.backoff !== undefined) require('playbook.bad_duration', invoke.retry.backoff, [...path, 'retry', 'backoff'], 'value', 0);
    if (invoke.retry?.cap !== undefined) require('playbook.bad_duration', invoke.retry.cap, [...path, 'retry', 'cap'], 'value', 0);
    const deadline = invoke.src === 'core.approval' ? staticValue(invoke.input?.['deadline'], source) : undefined;
    if (typeof deadline === 'string') require('playbook.bad_duration', deadline, [...path, 'input', 'deadline'], 'value', 1);
  }
  for (const [action, { expires }] of Object.entries(source.policy ?? {})) {
    if (expires !== undefined) require('playbook.bad_duration', expires, ['policy', action, 'expires'], 'value', 1);
  }
}

function hintFor(text: string): string {
  if (/^P(?=.*[YM])[^T]*$/.test(text) || /^P[^T]*[YM]/.test(text)) return ': months and years differ in length, write days';
  if (/^-/.test(text)) return ': a delay lies ahead';
  const short = /^(\d+)\s*(ms|s|m|h|d|w)?$/i.exec(text);
  if (!short) return ' and no expression; names of delays are not part of the format';
  const [, amount, unit = 'ms'] = short;
  const iso: Readonly<Record<string, string>> = { s: `PT${amount}S`, m: `PT${amount}M`, h: `PT${amount}H`, d: `P${amount}D`, w: `P${amount}W` };
  return iso[unit.toLowerCase()] ? `; write ${iso[unit.toLowerCase()]}` : '; write it as PT…S';
}

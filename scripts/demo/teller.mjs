import { setTimeout as sleep } from 'node:timers/promises';

const LABEL = 24;
const INDENT = '   ';

/** Prints the story. A closed pipe ends nothing: whoever reads it has what they wanted. */
export class Teller {
  #part = 0;
  #paceMs;

  constructor({ paceMs }) {
    this.#paceMs = paceMs;
    process.stdout.on('error', () => undefined);
  }

  /** Begins the next part; with a pace, after the audience had time for the last one. */
  async part(title) {
    if (this.#part > 0) await sleep(this.#paceMs);
    this.#part += 1;
    this.print('', `${this.#part}. ${title}`, '');
  }

  say(text) {
    this.print(`${INDENT}${text}`);
  }

  fact(label, value) {
    this.print(`${INDENT}${label.padEnd(LABEL)}${value}`);
  }

  print(...lines) {
    for (const line of lines) process.stdout.write(`${line}\n`);
  }
}

/** `12.3 s`, `4 min 05 s` */
export function span(ms) {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

export const clock = (time) => new Date(time).toISOString().slice(11, 19);

import { clock, span } from './teller.mjs';
import { setTheScene } from './steps/set-the-scene.mjs';
import { contain } from './steps/contain.mjs';
import { decide } from './steps/decide.mjs';
import { detect } from './steps/detect.mjs';
import { forward } from './steps/forward.mjs';
import { lookBack } from './steps/look-back.mjs';
import { openTheCase } from './steps/open-the-case.mjs';
import { takeBack } from './steps/take-back.mjs';

/** The parts of the story, in order. Each proves what it says at the system that it says it of, and fails where it is not so. */
const PARTS = [setTheScene, detect, decide, contain, openTheCase, forward, lookBack, takeBack];

export async function play(stage, teller) {
  const began = performance.now();
  teller.print(`Cordon, from a leak to verified containment and back. Everything runs on this machine and is gone afterwards. ${clock(Date.now())} UTC`);
  for (const part of PARTS) await part(stage, teller);
  teller.print('', `The story took ${span(performance.now() - began)}.`);
}

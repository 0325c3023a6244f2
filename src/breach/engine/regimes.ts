import { euGdpr } from './eu-gdpr.js';
import type { Regime } from './regime.js';

/** The regimes of this build. */
export const regimes: readonly Regime[] = [euGdpr];

import { breachOpen } from '../breach/breach-open.action.js';
import { connectors } from '../connectors.js';
import type { ActionDescription } from '../kernel/index.js';

/** Every action of this build, configured or not. */
export const knownActions: readonly ActionDescription[] = [...connectors.flatMap(({ actions }) => actions.map(({ description }) => description)), breachOpen];

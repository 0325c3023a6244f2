import { aws } from '../connectors/aws/connector.js';
import { azure } from '../connectors/azure/connector.js';
import { cordon } from '../connectors/cordon/connector.js';
import { netskope } from '../connectors/netskope/connector.js';
import { traefik } from '../connectors/traefik/connector.js';
import type { Connector } from './sdk/index.js';

/** The connectors of this build. Only main.ts and the commands load them; modules get the stream registry. */
export const connectors: readonly Connector[] = [aws, azure, cordon, netskope, traefik];

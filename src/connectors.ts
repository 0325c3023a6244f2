import { aws } from '../connectors/aws/connector.js';
import { azure } from '../connectors/azure/connector.js';
import { cordon } from '../connectors/cordon/connector.js';
import { elastic } from '../connectors/elastic/connector.js';
import { email } from '../connectors/email/connector.js';
import { netskope } from '../connectors/netskope/connector.js';
import { oauth } from '../connectors/oauth/connector.js';
import { scim } from '../connectors/scim/connector.js';
import { splunk } from '../connectors/splunk/connector.js';
import { traefik } from '../connectors/traefik/connector.js';
import { webhook } from '../connectors/webhook/connector.js';
import type { Connector } from './sdk/index.js';

/** The connectors of this build. Only main.ts and the commands load them; modules get the stream registry. */
export const connectors: readonly Connector[] = [aws, azure, cordon, elastic, email, netskope, oauth, scim, splunk, traefik, webhook];

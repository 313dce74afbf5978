import { Fault } from '../model/fault.ts';

export type CloudName = 'global' | 'gcc' | 'gcc-high' | 'dod' | 'china';

/** A cloud of Microsoft's by name, or hosts of one's own (a proxy, a simulated tenant). */
export type Cloud = CloudName | { readonly login: string; readonly graph: string };

export interface CloudOrigins {
  /** Origin of the token endpoint. */
  readonly login: string;
  /** The only origin that ever sees a token, and the only one whose links are followed. */
  readonly graph: string;
  /** Open extensions cannot be created in China: learn.microsoft.com/graph/api/opentypeextension-post-opentypeextension. */
  readonly openExtensions: boolean;
  /** Nor is there a delta query over contacts: learn.microsoft.com/graph/api/contact-delta. */
  readonly contactDelta: boolean;
}

/** Source: learn.microsoft.com/graph/deployments. Plain GCC lives in the global cloud. */
const ORIGINS: Readonly<Record<CloudName, CloudOrigins>> = {
  global: origins('https://login.microsoftonline.com', 'https://graph.microsoft.com'),
  gcc: origins('https://login.microsoftonline.com', 'https://graph.microsoft.com'),
  'gcc-high': origins('https://login.microsoftonline.us', 'https://graph.microsoft.us'),
  dod: origins('https://login.microsoftonline.us', 'https://dod-graph.microsoft.us'),
  china: origins('https://login.chinacloudapi.cn', 'https://microsoftgraph.chinacloudapi.cn', {
    openExtensions: false,
    contactDelta: false,
  }),
};

/** The origins of a cloud. Throws `invalid` for a custom host that is not a plain https origin. */
export function originsOf(cloud: Cloud): CloudOrigins {
  return typeof cloud === 'string'
    ? ORIGINS[cloud]
    : origins(plainOrigin(cloud.login), plainOrigin(cloud.graph));
}

function origins(
  login: string,
  graph: string,
  { openExtensions, contactDelta } = { openExtensions: true, contactDelta: true },
): CloudOrigins {
  return { login, graph, openExtensions, contactDelta };
}

function plainOrigin(text: string): string {
  const url = URL.parse(text);
  const plain =
    url !== null && url.pathname === '/' && `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (!plain) throw new Fault('invalid', 'a cloud host must be an origin such as https://graph.example');
  if (url.protocol !== 'https:')
    throw new Fault('invalid', 'a cloud host must be https: tokens travel to it');
  return url.origin;
}

import { Fault } from '../model/fault.ts';

export type CloudName = 'global' | 'gcc' | 'gcc-high' | 'dod' | 'china';

/** A cloud of Microsoft's by name, or hosts of one's own (a proxy, a simulated tenant). */
export type Cloud =
  | CloudName
  | { readonly login: string; readonly graph: string; readonly exchange?: string | null };

export interface CloudOrigins {
  /** Origin of the token endpoint. */
  readonly login: string;
  /** The only origin that ever sees a token, and the only one whose links are followed. */
  readonly graph: string;
  /** Exchange Online, for mail contacts; null where it is not known. */
  readonly exchange: string | null;
  /** Open extensions cannot be created in China: learn.microsoft.com/graph/api/opentypeextension-post-opentypeextension. */
  readonly openExtensions: boolean;
  /** Nor is there a delta query over contacts: learn.microsoft.com/graph/api/contact-delta. */
  readonly contactDelta: boolean;
  /**
   * Contacts and folders can be removed past Deleted Items: in the global cloud alone
   * (learn.microsoft.com/graph/api/contact-permanentdelete, contactfolder-permanentdelete).
   */
  readonly permanentDelete: boolean;
}

/**
 * Of the Chinese host two are named: the module's own table has this one (MicrosoftDocs and the module 3.10.1 disagree).
 * Source of the others: cisagov/ScubaGear, KelvinTegelaar/CIPP-API.
 */
const EXCHANGE = {
  global: 'https://outlook.office365.com',
  'gcc-high': 'https://outlook.office365.us',
  dod: 'https://outlook-dod.office365.us',
  china: 'https://partner.outlook.cn',
} as const;

const EVERYTHING = { openExtensions: true, contactDelta: true, permanentDelete: true };

/** Source: learn.microsoft.com/graph/deployments. Plain GCC lives in the global cloud. */
const ORIGINS: Readonly<Record<CloudName, CloudOrigins>> = {
  global: origins('https://login.microsoftonline.com', 'https://graph.microsoft.com', {
    exchange: EXCHANGE.global,
  }),
  gcc: origins('https://login.microsoftonline.com', 'https://graph.microsoft.com', {
    exchange: EXCHANGE.global,
  }),
  'gcc-high': origins('https://login.microsoftonline.us', 'https://graph.microsoft.us', {
    exchange: EXCHANGE['gcc-high'],
    permanentDelete: false,
  }),
  dod: origins('https://login.microsoftonline.us', 'https://dod-graph.microsoft.us', {
    exchange: EXCHANGE.dod,
    permanentDelete: false,
  }),
  china: origins('https://login.chinacloudapi.cn', 'https://microsoftgraph.chinacloudapi.cn', {
    exchange: EXCHANGE.china,
    openExtensions: false,
    contactDelta: false,
    permanentDelete: false,
  }),
};

/** The origins of a cloud. Throws `invalid` for a custom host that is not a plain https origin. */
export function originsOf(cloud: Cloud): CloudOrigins {
  return typeof cloud === 'string'
    ? ORIGINS[cloud]
    : origins(plainOrigin(cloud.login), plainOrigin(cloud.graph), {
        exchange: cloud.exchange ? plainOrigin(cloud.exchange) : null,
      });
}

function origins(
  login: string,
  graph: string,
  more: Pick<CloudOrigins, 'exchange'> & Partial<typeof EVERYTHING>,
): CloudOrigins {
  return { login, graph, ...EVERYTHING, ...more };
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

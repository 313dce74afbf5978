/** A refusal of Exchange: its status, and the reason in the place where clients must look for it. */
export class ExchangeRefusal extends Error {
  readonly status: number;
  readonly code: string;
  /** The full name of the exception; null where the refusal comes from before the cmdlet. */
  readonly type: string | null;
  headers: Readonly<Record<string, string>> = {};

  constructor(status: number, code: string, more: { type?: string; text: string }) {
    super(more.text);
    this.status = status;
    this.code = code;
    this.type = more.type ?? null;
  }

  with(headers: Readonly<Record<string, string>>): this {
    this.headers = headers;
    return this;
  }

  body(): unknown {
    const details =
      this.type === null
        ? []
        : [{ code: 'Context', target: '', message: `Ex6F9304|${this.type}|${this.message}` }];
    return {
      error: {
        code: this.code,
        message: this.type === null ? this.message : 'Error executing cmdlet',
        details,
        innererror: { message: 'Error executing cmdlet', type: 'Microsoft.Exchange.Admin.OData.Core' },
      },
    };
  }
}

const TASKS = 'Microsoft.Exchange.Configuration.Tasks';

export function notFound(status: number, identity: string): ExchangeRefusal {
  return new ExchangeRefusal(status, status === 404 ? 'NotFound' : 'InternalServerError', {
    type: `${TASKS}.ManagementObjectNotFoundException`,
    text: `The operation couldn't be performed because object '${identity}' couldn't be found on 'EX01.PROD.OUTLOOK.COM'.`,
  });
}

/** Of the same type as what is not there: only the text tells. */
export function ambiguous(status: number, identity: string): ExchangeRefusal {
  return new ExchangeRefusal(status, 'BadRequest', {
    type: `${TASKS}.ManagementObjectNotFoundException`,
    text: `The operation couldn't be performed because '${identity}' matches multiple entries.`,
  });
}

export function addressTaken(status: number, address: string, holder: string): ExchangeRefusal {
  return new ExchangeRefusal(status, status === 400 ? 'BadRequest' : 'InternalServerError', {
    type: 'Microsoft.Exchange.Data.Directory.ProxyAddressExistsException',
    text:
      `The proxy address "SMTP:${address}" is already being used by the proxy addresses or LegacyExchangeDN` +
      `${holder === '' ? '' : ` of "${holder}"`}. Please choose another proxy address.`,
  });
}

export function nameTaken(status: number, name: string): ExchangeRefusal {
  return new ExchangeRefusal(status, status === 400 ? 'BadRequest' : 'InternalServerError', {
    type: 'Microsoft.Exchange.Data.Directory.ADObjectAlreadyExistsException',
    text: `The name "${name}" is already being used. Please try another name.`,
  });
}

export function badParameter(text: string): ExchangeRefusal {
  return new ExchangeRefusal(400, 'BadRequest', {
    type: 'System.Management.Automation.ParameterBindingException',
    text,
  });
}

export function transient(status: 400 | 500): ExchangeRefusal {
  const type =
    status === 500
      ? 'Microsoft.Exchange.Data.Directory.ADTransientException'
      : 'Microsoft.Exchange.Configuration.CmdletProxyNotAvailableFailure';
  return new ExchangeRefusal(status, status === 400 ? 'BadRequest' : 'InternalServerError', {
    type,
    text: 'The server is not available for now.',
  });
}

export function dualWrite(guid: string): ExchangeRefusal {
  return new ExchangeRefusal(500, 'InternalServerError', {
    type: 'Microsoft.Exchange.Configuration.DualWrite.LocStrings.UnableToWriteToAadException',
    text:
      'An Azure Active Directory call was made to keep object in sync between Azure Active Directory and Exchange Online. ' +
      `However, it failed. ObjectConflict with: Contact_${guid}. The issue may be transient and please retry a couple of minutes later.`,
  });
}

import { ConfigProblems } from '../kit/config/config.ts';
import { DataFolderFault } from '../kit/data-folder-fault.ts';
import { HeldByAnother } from '../kit/held-by-another.ts';
import { Fault } from '../model/fault.ts';
import { Hindered } from '../run/hindered.ts';
import { EXIT } from './exit-code.ts';
import { Stopped } from './signals.ts';

/** The command line asks for something that does not exist. */
export class UsageFault extends Error {
  override readonly name = 'UsageFault';
}

/** What went wrong as a person should read it, and the exit code for it. A stack only when asked for. */
export function explain(
  fault: unknown,
  { debug }: { readonly debug: boolean },
): { text: string; code: number } {
  const { message, code } = judge(fault);
  const stack = debug && fault instanceof Error ? `\n${fault.stack ?? ''}` : '';
  return { text: `${message}${stack}\n`, code };
}

function judge(fault: unknown): { message: string; code: number } {
  if (fault instanceof ConfigProblems) {
    const found = fault.problems.length === 1 ? 'one problem' : `${fault.problems.length} problems`;
    return {
      message: `${fault.message}\ncontact-sync: ${found} in the configuration; nothing was started`,
      code: EXIT.usage,
    };
  }
  if (fault instanceof UsageFault) return { message: `contact-sync: ${fault.message}`, code: EXIT.usage };
  if (fault instanceof HeldByAnother) return { message: `contact-sync: ${fault.message}`, code: EXIT.busy };
  if (fault instanceof Stopped) {
    return {
      message: 'contact-sync: stopped before it was through; start it again, nothing is half done',
      code: EXIT.failed,
    };
  }
  if (fault instanceof Hindered) {
    const lines = Array.from(
      fault.causes,
      ([tenant, cause]) => `contact-sync: tenant ${tenant}: ${firstLine(cause)}`,
    );
    const rest = fault.others === 0 ? [] : ['contact-sync: everything was done in the other tenants'];
    return { message: [...lines, ...rest].join('\n'), code: EXIT.failed };
  }
  return { message: `contact-sync: ${firstLine(fault)}`, code: EXIT.failed };
}

/** What each kind of refusal most often means for the one who reads it. */
const ADVICE: Readonly<Partial<Record<Fault['kind'], string>>> = {
  unauthorized: 'check tenantId, clientId and the certificate of the app registration',
  forbidden:
    'check that the app has User.Read.All, Group.Read.All and Contacts.ReadWrite, with admin consent',
  unavailable: 'check the network and the proxy, then start again: nothing is lost',
  'unknown-outcome': 'start again: what was done already is found, and not done twice',
};

function firstLine(fault: unknown): string {
  if (!(fault instanceof Error)) return 'something failed that says nothing about itself; --debug shows more';
  const [message = ''] = fault.message.split('\n', 1);
  const text = message === '' ? fault.name : message;
  if (fault instanceof DataFolderFault) return text;
  if (!(fault instanceof Fault)) return `${text} (--debug shows where)`;
  const code = [fault.status, fault.code].filter((part) => part !== undefined).join(' ');
  const advice = ADVICE[fault.kind];
  return `${text}${code === '' ? '' : ` (${code})`}${advice === undefined ? '' : `: ${advice}`}`;
}

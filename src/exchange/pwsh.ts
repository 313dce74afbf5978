import type { Answers } from '../kit/answers.ts';
import type { Clock } from '../kit/clock.ts';
import type { Conversation, Converse } from '../kit/converse.ts';
import { withDeadline } from '../kit/deadline.ts';
import { list, text } from '../kit/json.ts';
import { Fault } from '../model/fault.ts';
import { faultOf, lostKind, parsed } from './faults.ts';
import { ARGUMENTS } from './pwsh-script.ts';
import { isRead, type Command, type ExchangeTransport, type Row } from './transport.ts';
import { exportedCmdlets, type Tokens } from './wire.ts';

export interface PwshOptions {
  readonly program: string;
  readonly converse: Converse;
  readonly tokens: Tokens;
  readonly appId: string;
  /** `fabrikam.onmicrosoft.com`. */
  readonly organization: string;
  readonly clock: Clock;
  /** Where answers are counted. */
  readonly answers?: Answers;
}

/** Connecting loads a module and asks Exchange for the cmdlets. */
const CONNECT_WITHIN_MS = 5 * 60_000;
const ANSWER_WITHIN_MS = 5 * 60_000;
/** Commands run one after the other; so many are worth waiting in line. */
const ROOM = 40;

interface Waiting {
  readonly command: Command;
  readonly resolve: (rows: readonly Row[]) => void;
  readonly reject: (error: unknown) => void;
}

/** What is said: a sort of command, or the connection. */
type Said = Readonly<Record<string, unknown>>;

/** Exchange Online through PowerShell with the module ExchangeOnlineManagement: the way that Microsoft supports. */
export function createPwshExchange(options: PwshOptions): ExchangeTransport {
  return new PwshExchange(options);
}

class PwshExchange implements ExchangeTransport {
  readonly #options: PwshOptions;
  readonly #waiting: Record<Command['urgency'], Waiting[]> = { live: [], bulk: [] };
  #shell: Shell | null = null;
  #isBusy = false;
  #asked = 0;

  constructor(options: PwshOptions) {
    this.#options = options;
  }

  run(command: Command): Promise<readonly Row[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Row[]>();
    this.#waiting[command.urgency].push({ command, resolve, reject });
    void this.#work();
    return promise;
  }

  spare(): { operations: number; askAt: number } {
    const { live, bulk } = this.#waiting;
    return {
      operations: Math.max(0, ROOM - live.length - bulk.length),
      askAt: this.#options.clock.now() + 100,
    };
  }

  async cmdlets(): Promise<ReadonlySet<string>> {
    const shell = await this.#connected();
    return exportedCmdlets(await this.#ask(shell, { kind: 'cmdlets' }, { reads: true }));
  }

  requests(): number {
    return this.#asked;
  }

  close(): Promise<void> {
    this.#shell?.end();
    this.#shell = null;
    return Promise.resolve();
  }

  /** One command at a time: a session of PowerShell runs no two. */
  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (;;) {
      const next = this.#waiting.live.shift() ?? this.#waiting.bulk.shift();
      if (next === undefined) break;
      const { command, resolve, reject } = next;
      try {
        if (!(command.mayLeave?.() ?? true)) throw new Fault('paused', 'stopped before it was sent');
        const shell = await this.#connected();
        const { cmdlet, parameters } = command;
        resolve(await this.#ask(shell, { kind: 'run', cmdlet, parameters }, { reads: isRead(cmdlet) }));
      } catch (error) {
        reject(error);
      }
    }
    this.#isBusy = false;
  }

  /** A session holds as long as its token: with another one it connects anew. */
  async #connected(): Promise<Shell> {
    const { tokens, appId, organization, converse, program } = this.#options;
    const token = await tokens.token();
    const shell = this.#shell?.isAlive === true ? this.#shell : new Shell(converse, program);
    this.#shell = shell;
    if (shell.token === token) return shell;
    const said = { kind: 'connect', token, appId, organization };
    await this.#ask(shell, said, { reads: true, withinMs: CONNECT_WITHIN_MS });
    shell.token = token;
    return shell;
  }

  async #ask(
    shell: Shell,
    said: Said,
    { reads, withinMs = ANSWER_WITHIN_MS }: { readonly reads: boolean; readonly withinMs?: number },
  ): Promise<readonly Row[]> {
    const { clock, answers } = this.#options;
    this.#asked += 1;
    const what = text(said, 'cmdlet') ?? text(said, 'kind') ?? '';
    let answer: unknown;
    try {
      answer = parsed(await withDeadline(clock, withinMs, () => shell.ask(said)));
    } catch (error) {
      // Whatever it is at is cut off: what comes late would be taken for the answer to something else.
      shell.end();
      answers?.note('request', what);
      if (shell.isMissing)
        throw new Fault('forbidden', 'PowerShell cannot be started', { code: 'NoPowerShell' });
      throw new Fault(lostKind(reads), 'no answer from PowerShell', { cause: error });
    }
    const message = text(answer, 'error');
    answers?.note('request', what, message === null ? 'ok' : 'refused');
    if (message !== null) throw refusal(answer, message, { isRead: reads, now: clock.now() });
    const rows = list(answer, 'rows');
    if (rows === undefined) throw new Fault(lostKind(reads), 'an answer of PowerShell cannot be read');
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each is read property by property, whatever it is
    return rows as readonly Row[];
  }
}

/** The module hands on what the endpoint said; where it does not, the exception's own type tells. */
function refusal(answer: unknown, message: string, asked: { isRead: boolean; now: number }): Fault {
  const type = text(answer, 'type') ?? '';
  if (type.endsWith('CommandNotFoundException'))
    return new Fault('forbidden', 'the app may not run this cmdlet', { code: 'CmdletNotAllowed' });
  const told = message.includes('|')
    ? message
    : `|${text(answer, 'errorId')?.split(',')[0] || type}|${message}`;
  const body = { error: { details: [{ message: told }] } };
  const status = /InvalidOperation|ParameterBinding|ArgumentException/.test(type) ? 400 : 500;
  return faultOf({ status, headers: {}, body, text: message }, asked);
}

/** One process of PowerShell. */
class Shell {
  /** The one that it is connected with. */
  token: string | null = null;
  isAlive = true;
  isMissing = false;
  readonly #conversation: Conversation;
  #pending: { readonly resolve: (line: string) => void; readonly reject: (error: Error) => void } | null =
    null;

  constructor(converse: Converse, program: string) {
    this.#conversation = converse(
      { file: program, args: ARGUMENTS },
      {
        onLine: (line) => {
          this.#pending?.resolve(line);
          this.#pending = null;
        },
        onEnd: (why) => {
          this.isAlive = false;
          this.isMissing = why === 'notStarted';
          this.#pending?.reject(new Error('PowerShell has ended'));
          this.#pending = null;
        },
      },
    );
  }

  ask(said: Said): Promise<string> {
    if (!this.isAlive) return Promise.reject(new Error('PowerShell has ended'));
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#pending = { resolve, reject };
    this.#conversation.say(JSON.stringify(said));
    return promise;
  }

  end(): void {
    this.isAlive = false;
    this.#conversation.end();
  }
}

import { adaptiveConcurrency, type Health } from '../kit/adaptive-concurrency.ts';
import { list } from '../kit/json.ts';
import { Rest } from '../kit/rest.ts';
import { Fault } from '../model/fault.ts';
import { answersOf, batchOf, commandBody, nextPage, rowsOf } from './envelope.ts';
import { faultOf, unreadable, type ExchangeAnswer } from './faults.ts';
import { asksToWait, detailsOf, ofOne } from './rest-faults.ts';
import { isRead, type Command, type ExchangeTransport, type Row } from './transport.ts';
import { createWire, exportedCmdlets, type Wire, type WireOptions } from './wire.ts';

export interface RestOptions extends WireOptions {
  /** Requests in flight; no limit is published, and the module itself keeps to a few. */
  readonly concurrency?: number;
}

/** What the module itself puts into a batch; whether the server takes more is not known. */
const BATCH_LARGEST = 10;
const CONCURRENCY = 3;
/** Commands that are handed over one after the other are to travel together. */
const PATIENCE_MS = 5;
/** When Exchange asks to wait longer than this, what waits is given back: a holder's lease is not for waiting. */
const HOLD_LONGEST_MS = 10_000;

const AWAY: ReadonlySet<Fault['kind']> = new Set<Fault['kind']>(['unavailable', 'unknown-outcome']);

interface Waiting {
  readonly command: Command;
  readonly resolve: (rows: readonly Row[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Exchange Online through its admin endpoint: `InvokeCommand`, alone or in batches of 10. */
export function createRestExchange(options: RestOptions): ExchangeTransport {
  return new RestExchange(options);
}

class RestExchange implements ExchangeTransport {
  readonly #options: RestOptions;
  readonly #wire: Wire;
  readonly #path: string;
  readonly #rest = new Rest();
  readonly #window: ReturnType<typeof adaptiveConcurrency>;
  readonly #waiting: Record<Command['urgency'], Waiting[]> = { live: [], bulk: [] };
  #partialFrom = 0;
  #alarmAt = Infinity;
  #batches = 0;

  constructor(options: RestOptions) {
    this.#options = options;
    this.#wire = createWire(options);
    this.#path = `/adminapi/beta/${options.tenantId}`;
    this.#window = adaptiveConcurrency(options.concurrency ?? CONCURRENCY);
  }

  run(command: Command): Promise<readonly Row[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly Row[]>();
    const resting = this.#restsLong();
    if (resting > 0) return Promise.reject(asksToWait(resting));
    if (this.#ready === 0) this.#partialFrom = this.#options.clock.now() + PATIENCE_MS;
    this.#waiting[command.urgency].push({ command, resolve, reject });
    queueMicrotask(() => this.#pump());
    return promise;
  }

  spare(): { operations: number; askAt: number } {
    const now = this.#options.clock.now();
    if (this.#rest.until > now) return { operations: 0, askAt: this.#rest.until };
    const room = 2 * BATCH_LARGEST * Math.floor(this.#window.window()) - this.#ready;
    return { operations: Math.max(0, room), askAt: now + 100 };
  }

  async cmdlets(): Promise<ReadonlySet<string>> {
    const url = `/adminapi/v1.0/${this.#options.tenantId}/EXOModuleFile?Version=3.9.2`;
    const answer = await this.#wire.send({
      method: 'GET',
      url,
      headers: { commandname: '*' },
      isRead: true,
      what: 'EXOModuleFile',
    });
    const value = list(answer.body, 'value');
    if (answer.status !== 200) throw this.#faultOf(answer, true);
    if (value === undefined) throw unreadable(true, answer.status);
    return exportedCmdlets(value);
  }

  requests(): number {
    return this.#wire.requests();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  get #ready(): number {
    return this.#waiting.live.length + this.#waiting.bulk.length;
  }

  #pump(): void {
    while (this.#ready > 0 && this.#window.spare() > 0) {
      const now = this.#options.clock.now();
      const from = Math.max(this.#rest.until, this.#ready < BATCH_LARGEST ? this.#partialFrom : 0);
      if (now < from) return this.#wakeAt(from);
      const batch = this.#take();
      if (batch.length > 0) void this.#send(batch);
    }
  }

  #wakeAt(at: number): void {
    if (this.#alarmAt <= at) return;
    this.#alarmAt = at;
    const { clock } = this.#options;
    void clock.sleep(at - clock.now()).then(() => {
      if (this.#alarmAt === at) this.#alarmAt = Infinity;
      this.#pump();
    });
  }

  #take(): Waiting[] {
    const batch: Waiting[] = [];
    while (batch.length < BATCH_LARGEST) {
      const next = this.#waiting.live.shift() ?? this.#waiting.bulk.shift();
      if (next === undefined) break;
      if (next.command.mayLeave?.() ?? true) batch.push(next);
      else next.reject(new Fault('paused', 'stopped before it was sent'));
    }
    return batch;
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    this.#batches += 1;
    const number = this.#batches;
    const ticket = this.#window.begin();
    let health: Health = 'silent';
    try {
      const answers = await this.#exchange(batch.map(({ command }) => command));
      health = this.#learn(answers, number);
      await Promise.all(batch.map((one, index) => this.#settle(one, answers[index])));
    } catch (error) {
      const told = this.#withoutAnswer(error, number);
      for (const { reject, command } of batch) reject(ofOne(told, command));
    }
    this.#window.end(ticket, health);
    const until = this.#restsLong();
    if (until > 0)
      for (const { reject } of [...this.#waiting.live.splice(0), ...this.#waiting.bulk.splice(0)])
        reject(asksToWait(until));
    this.#pump();
  }

  /** One answer for each command; undefined where the batch has none. */
  async #exchange(commands: readonly Command[]): Promise<readonly (ExchangeAnswer | undefined)[]> {
    const [only, ...others] = commands;
    const allRead = commands.every(({ cmdlet }) => isRead(cmdlet));
    if (only !== undefined && others.length === 0)
      return [await this.#single(`${this.#path}/InvokeCommand`, only)];
    const url = `${this.#wire.origin()}${this.#path}/InvokeCommand`;
    const answer = await this.#wire.send({
      method: 'POST',
      url: `${this.#path}/$batch`,
      body: batchOf(commands, { url, headers: await this.#wire.headers() }),
      isRead: allRead,
      what: '$batch',
      commands: commands.length,
    });
    if (answer.status !== 200) return commands.map(() => answer);
    const parts = answersOf(answer, commands.length) ?? commands.map(() => undefined);
    for (const [index, { cmdlet }] of commands.entries())
      this.#options.answers?.note('batch', cmdlet, parts[index]?.status);
    return parts;
  }

  #single(url: string, command: Command): Promise<ExchangeAnswer> {
    return this.#wire.send({
      method: 'POST',
      url,
      headers: { 'x-cmdletname': command.cmdlet },
      body: commandBody(command),
      isRead: isRead(command.cmdlet),
      what: command.cmdlet,
    });
  }

  async #settle({ command, resolve, reject }: Waiting, first: ExchangeAnswer | undefined): Promise<void> {
    try {
      const rows: Row[] = [];
      for (let answer = first; ;) {
        if (answer === undefined) throw unreadable(isRead(command.cmdlet), 200);
        if (answer.status !== 200) throw this.#faultOf(answer, isRead(command.cmdlet));
        const page = rowsOf(answer);
        if (page === undefined) throw unreadable(isRead(command.cmdlet), answer.status);
        rows.push(...page);
        const next = nextPage(answer);
        if (next === undefined) return resolve(rows);
        // A next page is the same command once more, at the link; what somebody else was told meanwhile holds for it, too.
        await this.#rested();
        answer = await this.#single(next, command);
        this.#learn([answer], (this.#batches += 1));
      }
    } catch (error) {
      reject(error);
    }
  }

  /** What the answers say about Exchange as a whole: whoever is asked to wait waits for everybody. */
  #learn(answers: readonly (ExchangeAnswer | undefined)[], batch: number): Health {
    const { clock, random } = this.#options;
    const now = clock.now();
    const refused = answers.flatMap((answer) => {
      if (answer === undefined || answer.status < 400) return [];
      const fault = this.#faultOf(answer, true);
      return fault.kind === 'throttled' ? fault : [];
    });
    for (const { retryAt } of refused) this.#rest.refuse({ now, batch, retryAt }, random);
    if (refused.length > 0) return 'congested';
    this.#rest.answered();
    return 'healthy';
  }

  /** Nobody is there: the first time in a row it may be chance, after that everybody waits, longer each time. */
  #withoutAnswer(error: unknown, batch: number): unknown {
    if (!(error instanceof Fault) || !AWAY.has(error.kind)) return error;
    const { clock, random } = this.#options;
    this.#rest.refuse({ now: clock.now(), batch, mayPass: true }, random);
    const retryAt = this.#rest.until;
    return retryAt > clock.now()
      ? new Fault(error.kind, error.message, { ...detailsOf(error), retryAt })
      : error;
  }

  #faultOf(answer: ExchangeAnswer, reads: boolean): Fault {
    const fault = faultOf(answer, { isRead: reads, now: this.#options.clock.now() });
    if (fault.kind !== 'throttled' || fault.retryAt !== undefined) return fault;
    return asksToWait(this.#rest.until, fault);
  }

  /** Waits until Exchange rests no longer; throws where that is too long to hold commands. */
  async #rested(): Promise<void> {
    const until = this.#restsLong();
    if (until > 0) throw asksToWait(until);
    const { clock } = this.#options;
    if (this.#rest.until > clock.now()) await clock.sleep(this.#rest.until - clock.now());
  }

  /** Until when Exchange rests, if that is too long to hold commands; else 0. */
  #restsLong(): number {
    return this.#rest.until > this.#options.clock.now() + HOLD_LONGEST_MS ? this.#rest.until : 0;
  }
}

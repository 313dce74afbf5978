import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = path.join(import.meta.dirname, '../service-bus/main.ts');
/** The most there is, as `queue create` asks for: deaths and lost locks must not use up what the service counts itself. */
const QUEUE = { RequiresSession: true, MaxDeliveryCount: 2_000 };
/** So short that the buckets of a killed worker are taken over between two kills. */
const LOCK_MS = 5_000;

interface Living {
  readonly child: ChildProcess;
  /** The next line that it says; rejects when it has nothing more to say. */
  readonly line: () => Promise<string>;
}

/** The double of the bus as a process of its own, which can be killed and goes on with what it had. */
export class BusProgram {
  readonly connectionString: string;
  readonly #options: readonly string[];
  #living: Living;

  /** `folder` is where its messages are. */
  static async start(folder: string, port: number): Promise<BusProgram> {
    const queues = path.join(folder, 'queues.json');
    const Queues = ['changes', 'writes'].map((Name) => ({ Name, Properties: QUEUE }));
    writeFileSync(queues, JSON.stringify({ UserConfig: { Namespaces: [{ Queues }] } }));
    const options = ['--config', queues, '--lock-ms', `${LOCK_MS}`, '--data', folder, '--port', `${port}`];
    const living = bear(options);
    return new BusProgram(options, living, await living.line());
  }

  private constructor(options: readonly string[], living: Living, connectionString: string) {
    this.#options = options;
    this.#living = living;
    this.connectionString = connectionString;
  }

  /** What it answers to a command on its standard input. */
  async ask(command: string): Promise<Readonly<Record<string, number>>> {
    this.#living.child.stdin?.write(`${command}\n`);
    return JSON.parse(await this.#living.line()) as Record<string, number>;
  }

  /** With SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    const { child } = this.#living;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Again, with the same messages on the same port; resolves when it listens. */
  async again(): Promise<void> {
    this.#living = bear(this.#options);
    await this.#living.line();
  }
}

function bear(options: readonly string[]): Living {
  const child = spawn(process.execPath, [MAIN, ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('The double of the bus ended by itself.');
    return value;
  };
  return { child, line };
}

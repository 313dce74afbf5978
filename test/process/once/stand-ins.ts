import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Installation } from '../installation.ts';
import type { Program } from '../program.ts';

/** Those that only run what follows: as which user is not played. */
const PASSING = {
  sudo: 'if [ "$1" = -u ]; then shift 2; fi\nexec "$@"\n',
  'systemd-run': 'while [ "${1#--}" != "$1" ]; do shift; done\nexec "$@"\n',
};
const ASKING = ['systemctl', 'journalctl', 'git', 'npm'] as const;

/** What a service manager exits with when a unit is not running. */
const NOT_RUNNING = 3;
const LINES = 50;

/** The programs of a machine that a test must not touch, in a folder for the PATH: they ask this process. */
export class StandIns {
  readonly folder: string;
  /** What `git` and `npm` were asked for, and in which folder. */
  readonly asked: string[] = [];
  readonly #on: Installation;
  readonly #server: Server;
  #service: Program | null = null;
  #log = '';

  static async in(folder: string, on: Installation): Promise<StandIns> {
    const standIns = new StandIns(folder, on);
    await standIns.#open();
    return standIns;
  }

  private constructor(folder: string, on: Installation) {
    this.folder = folder;
    this.#on = on;
    this.#server = createServer((request, response) => {
      const said = decodeURIComponent(request.url?.slice(1) ?? '');
      const [name = '', folder = '', ...args] = JSON.parse(said) as string[];
      void this.#answer(name, { folder, args }).then(({ code, text }) =>
        response.setHeader('x-exit-code', code).end(text),
      );
    });
  }

  /** The log of the unit so far. */
  said(): string {
    return `${this.#log}${this.#service?.said() ?? ''}`;
  }

  start(): void {
    if (this.#service !== null) return;
    const service = this.#on.start('run');
    this.#service = service;
    // The first to hear of its end.
    void service.ended.then(({ stderr }) => {
      this.#log += stderr;
      this.#service = null;
    });
  }

  async stop(): Promise<void> {
    const service = this.#service;
    if (service === null) return;
    service.kill('SIGTERM');
    const { code, signal, stderr } = await service.ended;
    // One that has only just been started has no handler yet: to systemd that is a clean end as well.
    if (code !== 0 && signal !== 'SIGTERM')
      throw new Error(`The service ended with ${code}: ${stderr.slice(-2_000)}`);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(
    name: string,
    { folder, args }: { readonly folder: string; readonly args: readonly string[] },
  ): Promise<{ code: number; text: string }> {
    if (name === 'journalctl') return { code: 0, text: this.said().split('\n').slice(-LINES).join('\n') };
    if (name !== 'systemctl') {
      this.asked.push(`${folder}: ${[name, ...args].join(' ')}`);
      return { code: 0, text: '' };
    }
    const [verb = ''] = args;
    if (['stop', 'disable', 'restart'].includes(verb)) await this.stop();
    if (['start', 'enable', 'restart'].includes(verb)) this.start();
    if (!['status', 'is-active'].includes(verb)) return { code: 0, text: '' };
    const isRunning = this.#service !== null;
    return { code: isRunning ? 0 : NOT_RUNNING, text: isRunning ? 'active\n' : 'inactive\n' };
  }

  async #open(): Promise<void> {
    await mkdir(this.folder);
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
    const { port } = this.#server.address() as AddressInfo;
    const asks = `const words = encodeURIComponent(JSON.stringify([require('node:path').basename(__filename), process.cwd(), ...process.argv.slice(2)]));
require('node:http').get('http://127.0.0.1:${port}/' + words, (answer) => {
  answer.pipe(process.stdout);
  answer.on('end', () => (process.exitCode = Number(answer.headers['x-exit-code'])));
});
`;
    const files = [
      ...Object.entries(PASSING).map(([name, text]) => [name, `#!/bin/sh\n${text}`] as const),
      ...ASKING.map((name) => [name, `#!${process.execPath}\n${asks}`] as const),
    ];
    for (const [name, text] of files) {
      const file = path.join(this.folder, name);
      await writeFile(file, text);
      await chmod(file, 0o755);
    }
  }
}

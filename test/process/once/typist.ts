import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { ROOT } from '../../house/sources.ts';
import type { Installation } from '../installation.ts';
import { COMPILED } from '../program.ts';
import { sectionsOf, type Section, type Typed } from './runbook-page.ts';
import { StandIns } from './stand-ins.ts';

/** Words of the page, and what they mean here. */
type Meaning = Readonly<Record<string, string>>;

/** Types the commands of parts of the runbook into a shell, block by block, on an installation. */
export class Typist {
  readonly machine: StandIns;
  readonly #on: Installation;
  readonly #sections: readonly Section[];
  readonly #places: Meaning;
  readonly #typed = new Map<string, number>();
  #before = '';

  static async at(on: Installation, ...parts: readonly string[]): Promise<Typist> {
    const machine = await StandIns.in(path.join(on.folder, 'bin'), on);
    await mkdir(path.join(on.folder, 'desk'));
    const typist = new Typist(on, machine, parts.flatMap(sectionsOf));
    const [[definition] = []] = sectionsOf('Before anything')[0]?.blocks ?? [];
    if (definition === undefined) throw new Error('The runbook does not say how a command is typed.');
    typist.#before = typist.#meant(definition.text, {});
    return typist;
  }

  private constructor(on: Installation, machine: StandIns, sections: readonly Section[]) {
    this.machine = machine;
    this.#on = on;
    this.#sections = sections;
    this.#places = {
      '/opt/contact-sync/node_modules/.bin/node': process.execPath,
      '/opt/contact-sync': ROOT,
      '/var/lib/contact-sync': path.join(on.folder, 'data'),
      '/etc/contact-sync': on.folder,
      'https://sync.contoso.com': `http://127.0.0.1:${on.port}`,
    };
  }

  /** The next block of a section. Throws where a command exits otherwise than the page says. */
  async type(title: string, meaning: Meaning = {}): Promise<Seen> {
    const section = this.#section(title);
    const at = this.#typed.get(title) ?? 0;
    const block = section.blocks[at];
    if (block === undefined) throw new Error(`"${title}" has no block ${at + 1}.`);
    this.#typed.set(title, at + 1);
    return new Seen(section, await this.#run(block, meaning));
  }

  /** The section is gone through once more, from its first block. */
  anew(title: string): void {
    this.#typed.delete(title);
  }

  /** What was seen otherwise, held against what the section says. */
  seen(title: string, output: string): Seen {
    return new Seen(this.#section(title), output);
  }

  /** Blocks that nobody has typed: `section, block`. */
  untyped(): string[] {
    return this.#sections.flatMap(({ title, blocks }) =>
      blocks.flatMap((_, at) => (at < (this.#typed.get(title) ?? 0) ? [] : [`${title}, block ${at + 1}`])),
    );
  }

  close(): Promise<void> {
    return this.machine.close();
  }

  #section(title: string): Section {
    const section = this.#sections.find((one) => one.title === title);
    if (section === undefined) throw new Error(`The runbook has no section "${title}".`);
    return section;
  }

  #meant(text: string, meaning: Meaning): string {
    return Object.entries({ ...this.#places, ...meaning }).reduce(
      (meant, [word, here]) => meant.replaceAll(word, here),
      text,
    );
  }

  async #run(block: readonly Typed[], meaning: Meaning): Promise<string> {
    const lines = block.map(({ text }) => `${this.#meant(text, meaning)}\necho $? >&3`);
    const child = spawn('bash', ['-c', [this.#before, 'exec 2>&1', ...lines].join('\n')], {
      cwd: path.join(this.#on.folder, 'desk'),
      env: {
        ...COMPILED,
        ...process.env,
        ...this.#on.environment(),
        PATH: `${this.machine.folder}:${process.env['PATH'] ?? ''}`,
      },
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    });
    const [, stdout, , beside] = child.stdio;
    if (stdout === null || beside === null || beside === undefined || !('read' in beside))
      throw new Error('The shell has no way to tell.');
    const [output, codes] = await Promise.all([textOf(stdout), textOf(beside), once(child, 'close')]);
    const ended = codes.split('\n').filter((code) => code !== '');
    const wrong = block.flatMap(({ text, code }, at) =>
      ended[at] === String(code) ? [] : [`${text}\n  exits with ${ended[at] ?? 'nothing'}, not ${code}`],
    );
    if (wrong.length > 0) throw new Error(`${wrong.join('\n')}\n${output.slice(-4_000)}`);
    return output;
  }
}

/** What the commands of a block said. */
export class Seen {
  readonly output: string;
  readonly #section: Section;

  constructor(section: Section, output: string) {
    this.#section = section;
    this.output = output;
  }

  /** Throws unless the section names these words as something that is seen, and they are. */
  shows(...words: readonly string[]): void {
    for (const word of words) {
      if (!this.#section.prose.includes(`\`${word}\``))
        throw new Error(`"${this.#section.title}" does not name \`${word}\`.`);
      if (!this.output.includes(word))
        throw new Error(`"${this.#section.title}": \`${word}\` is not seen in\n${this.output}`);
    }
  }
}

import type { Random } from '../../src/kit/random.ts';
import type { Transport } from '../../src/kit/transport.ts';
import type { Village } from '../engine/village.ts';
import { chance, pick } from '../kit/seeded-random.ts';
import type { Villagers } from './villagers.ts';

const READ = /^\/users\/([^/]+)\/contacts\/([^/?]+)\?/;
/** Whoever edits for ever never lets a mailbox come to rest. */
const AT_MOST = 4;

interface Asked {
  readonly method: string;
  readonly url: string;
}

/** Somebody edits a contact right after the service has read it: between its look and the write that follows. */
export class Busybody {
  /** How likely that is with each batch that reads contacts. */
  bustle = 0;
  readonly #random: Random;
  readonly #villagers: () => Villagers;
  #edits = 0;

  constructor(random: Random, villagers: () => Villagers) {
    this.#random = random;
    this.#villagers = villagers;
  }

  watch(village: Village, transport: Transport): Transport {
    return async (request) => {
      const answer = await transport(request);
      if (this.bustle === 0 || request.body === undefined || !request.url.endsWith('/$batch')) return answer;
      const { requests } = JSON.parse(request.body) as { requests: readonly Asked[] };
      const read = requests.flatMap(({ method, url }) => {
        const [, mailbox = '', id = ''] = (method === 'GET' && READ.exec(url)) || [];
        return mailbox === '' ? [] : { mailbox, id: decodeURIComponent(id) };
      });
      if (read.length > 0 && this.#edits < AT_MOST && chance(this.#random, this.bustle))
        this.#edit(village, pick(this.#random, read));
      return answer;
    };
  }

  #edit(village: Village, { mailbox, id }: { mailbox: string; id: string }): void {
    const owner = village.all().find((one) => one.id === mailbox);
    const item =
      owner && village.items(owner).find((one) => one === village.tenant.mailboxes.get(owner.id).item(id));
    if (!owner || item === undefined) return;
    this.#villagers().edit(owner, item, { jobTitle: `meanwhile ${(this.#edits += 1)}` });
  }
}

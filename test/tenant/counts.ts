/** Requests per operation, such as `GET users/{id}` or `token`; a sub-request of a batch has `$batch ` in front. */
export type Counts = ReadonlyMap<string, number>;

/** Counts every request, and every sub-request apart. */
export class RequestCounter {
  readonly counts = new Map<string, number>();
  /** HTTP requests to Graph; those to the login host are counted by operation only. */
  httpRequests = 0;

  request(operation: string): void {
    this.httpRequests += 1;
    this.#add(operation);
  }

  part(operation: string): void {
    this.#add(`$batch ${operation}`);
  }

  login(operation: string): void {
    this.#add(operation);
  }

  #add(operation: string): void {
    this.counts.set(operation, (this.counts.get(operation) ?? 0) + 1);
  }
}

export function snapshot(counts: Counts): Counts {
  return new Map(counts);
}

/** What was added since the snapshot; operations without a difference are left out. */
export function since(counts: Counts, before: Counts): Counts {
  const added = new Map<string, number>();
  for (const [operation, count] of counts) {
    const more = count - (before.get(operation) ?? 0);
    if (more !== 0) added.set(operation, more);
  }
  return added;
}

/** How often an operation was asked for, alone or inside a batch. */
export function total(counts: Counts, operation: string): number {
  return (counts.get(operation) ?? 0) + (counts.get(`$batch ${operation}`) ?? 0);
}

const CONTACT_WRITE =
  /^(?:\$batch )?(?:POST|PATCH|DELETE) users\/\{id\}\/(?:contacts|contactFolders\/\{folder\}\/contacts)(?:\/|$)/;

/** Creates, changes and removals of contacts, alone or inside batches. */
export function contactWrites(counts: Counts): number {
  let writes = 0;
  for (const [operation, count] of counts) if (CONTACT_WRITE.test(operation)) writes += count;
  return writes;
}

/** What the ledger keeps in portions: its record of writes, and its traces. */
interface Book<Portion> {
  portions(from: { readonly before: number | null; readonly since: number }): Promise<readonly Portion[]>;
}

/** Every portion that is not older than `since` (milliseconds since 1970), the newest first; no more is read than is asked for. */
export async function* portionsSince<Portion extends { readonly portion: number }>(
  book: Book<Portion>,
  since: number,
): AsyncGenerator<Portion, void> {
  for (let before: number | null = null; ;) {
    const portions = await book.portions({ before, since });
    const last = portions.at(-1);
    if (!last) return;
    before = last.portion;
    yield* portions;
  }
}

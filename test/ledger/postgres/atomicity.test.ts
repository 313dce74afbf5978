import { expect, test } from 'vitest';
import { furnish, methods } from '../methods.ts';
import { withClient } from '../../postgres/client.ts';
import { contents, openTroubled, type Trouble } from './database.ts';
import { postgresHome } from './home.ts';

const home = postgresHome();

test.each(methods)('%s leaves nothing half done', async (_name, call) => {
  await withClient(home.url(), async (client) => {
    await furnish(await home.open());
    const before = await contents(client);
    const trouble: Trouble = { at: Infinity, cut: false, count: 0 };
    const ledger = await openTroubled(home.url(), trouble);
    // The connection is lost after begin and one statement; then each statement fails in its turn.
    Object.assign(trouble, { at: 3, cut: true, count: 0 });
    await expect(call(ledger)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await contents(client)).toEqual(before);
    let survived = 0;
    for (let at = 1; ; at++) {
      Object.assign(trouble, { at, cut: false, count: 0 });
      const outcome = await call(ledger).then(
        () => 'done',
        (error: unknown) => String(error),
      );
      if (outcome === 'done') break;
      expect(outcome).toContain('planted fault');
      expect(await contents(client)).toEqual(before);
      survived++;
    }
    // In the end it does what it should, without a trace of what happened.
    expect(await contents(client)).not.toEqual(before);
    // Begin, at least two statements, commit.
    expect(survived).toBeGreaterThanOrEqual(4);
    await ledger.close();
  });
});

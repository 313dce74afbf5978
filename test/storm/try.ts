import { runSeed } from './run.ts';
import { modes } from './plan.ts';
const from = Number(process.argv[2] ?? 1),
  to = Number(process.argv[3] ?? 5);
for (let seed = from; seed <= to; seed++)
  for (const mode of (process.argv[4] ?? 'ABC').split('') as (typeof modes)[number][]) {
    const t = Date.now();
    const o = await runSeed({
      seed,
      mode,
      inspect: (d) => {
        if (process.env['DUMP']) {
          for (const q of process.env['DUMP'].split(';')) console.log(d.ledger.prepare(q).all());
          console.log(
            d.queue.prepare('select * from writes_message').all(),
            d.queue.prepare('select * from changes_message').all(),
            d.queue.prepare('select key,reason from writes_dead').all(),
            d.queue.prepare('select key,reason from changes_dead').all(),
          );
        }
      },
    });
    console.log(
      seed,
      mode,
      o.steps,
      o.complaints.length === 0 ? 'ok' : o.complaints.slice(0, 6),
      Date.now() - t,
      'ms',
      o.trace.slice(0, 8),
      JSON.stringify(o.faults),
    );
  }
process.exit(0);

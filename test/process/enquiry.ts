import { silentLog } from '../../src/kit/log.ts';
import { systemRandom } from '../../src/kit/random.ts';
import type { Transport } from '../../src/kit/transport.ts';
import { explain } from '../../src/run/explain/explain.ts';
import type { ExplainedJob, ExplainReport } from '../../src/run/explain/report.ts';
import type { Household } from './household.ts';

interface Asked {
  readonly person: string;
  readonly mailbox: string | null;
  /** To the household's tenant unless given. */
  readonly transport?: Transport;
}

/** What `explain` says beside the running service. */
export function ask(home: Household, { person, mailbox, transport }: Asked): Promise<ExplainReport> {
  const surroundings = {
    clock: home.clock,
    random: systemRandom,
    transport: transport ?? home.tenant.transport,
    log: silentLog,
  };
  return explain(home.config(), surroundings, { person, mailbox });
}

/** The same of the one job that there is. */
export async function explainedJob(home: Household, asked: Asked): Promise<ExplainedJob> {
  const { jobs } = await ask(home, asked);
  const [job, ...more] = jobs;
  if (!job || more.length > 0) throw new Error(`${jobs.length} jobs are explained.`);
  return job;
}

/** The rules that somebody does not meet. */
export function failing({ conditions }: Pick<ExplainedJob['person'], 'conditions'>): string[] {
  return conditions.filter(({ met }) => !met).map(({ rule }) => rule);
}

/** The way to the tenant, on which the directory refuses to answer about one object, in batches. */
export function refusing({ tenant }: Pick<Household, 'tenant'>, id: string): Transport {
  const isAbout = (url: string): boolean => url.includes(`/users/${id}?`);
  return async (request) => {
    const answer = await tenant.transport(request);
    const text = request.body ?? '';
    if (!request.url.endsWith('/$batch') || !isAbout(text)) return answer;
    const { requests } = JSON.parse(text) as { requests: { id: string; url: string }[] };
    const theirs = new Set(requests.filter(({ url }) => isAbout(url)).map((one) => one.id));
    const body = JSON.parse(answer.body) as { responses: { id: string }[] };
    const refused = {
      status: 403,
      headers: {},
      body: { error: { code: 'Authorization_RequestDenied', message: '' } },
    };
    const responses = body.responses.map((one) => (theirs.has(one.id) ? { id: one.id, ...refused } : one));
    return { ...answer, body: JSON.stringify({ ...body, responses }) };
  };
}

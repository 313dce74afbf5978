import { availableParallelism } from 'node:os';
import { measureBus, measurePosts } from './bus.ts';
import { figure, rounded, type Figure } from './figure.ts';

const MESSAGES = 30_000;
const POSTS_A_SECOND = 300;

/** Through the double of Service Bus. It is as heavy as the client: on two cores neither is ever alone. */
export async function benchBus(): Promise<Figure[]> {
  const run = await measureBus(MESSAGES);
  const posts = await measurePosts({ perSecond: POSTS_A_SECOND, seconds: 10 });
  const cores = availableParallelism();
  const isWhole = run.left.active === 0 && run.left.dead === 0 && run.outOfOrder === 0;
  const isAnswered = posts.accepted === posts.posts && posts.stored >= posts.posts;
  const figures = [
    figure({
      name: 'Service Bus, changes handled by one client in the order of their keys',
      unit: 'messages/s',
      measured: Math.round((run.messages / run.handleMs) * 1_000),
      target: 3_000,
      floor: 4_400,
      best: 'high',
      with: {
        cores,
        sentPerSecond: Math.round((run.messages / run.sendMs) * 1_000),
        cpuMicrosecondsEach: Math.round((run.cpuMs / run.messages) * 1_000),
        outOfOrder: run.outOfOrder,
        twice: run.twice,
        repeatedSends: run.refused,
      },
      ...(isWhole ? {} : { note: 'void: messages were left, dead, or out of order' }),
    }),
    figure({
      name: `receiver with the bus, p99 of a 202 at ${POSTS_A_SECOND} posts/s`,
      unit: 'ms',
      measured: rounded(posts.p99Ms, 1),
      target: 100,
      floor: 1,
      with: { cores, posts: posts.posts, p50Ms: rounded(posts.p50Ms, 1), longestMs: rounded(posts.maxMs, 1) },
      ...(isAnswered ? {} : { note: 'void: posts were refused, or are not in the queue' }),
    }),
  ];
  return figures.map((one) => ({ ...one, reached: one.reached && isWhole && isAnswered }));
}

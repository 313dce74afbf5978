import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeCertificates } from '../tenant/certificates.ts';
import { notification, openDesk } from '../webhooks/desk.ts';
import { kinds } from './fronts.ts';
import { ask } from './graph-client.ts';

const SCRIPT = path.join(import.meta.dirname, '../../deploy/proxy/sources.sh');

/** The row as Microsoft's page has it, with addresses of the documentation, and loopback in the public cloud. */
const ROW = `| 22 | Something else | 198.51.100.1 | Outbound |
|23|**Microsoft Graph Change Notifications** <p> Developers can use [change notifications](/graph/webhooks) to subscribe.|Public Cloud:  192.0.2.1, 192.0.2.2, 192.0.2.3,
127.0.0.1 <br> <p> Microsoft Cloud for US Government: 203.0.113.1, 203.0.113.2, 203.0.113.3, 203.0.113.0/28 <p> Microsoft Cloud China operated by 21Vianet: 203.0.113.91, 203.0.113.92 <br> TCP port 443 <p> Note: other ports are possible.|Inbound server traffic|
|24|Something else|198.51.100.2|Outbound|
`;
const HTML = `<html><td>198.51.100.1</td><tr><td>23</td><td><strong>Microsoft Graph Change Notifications</strong></td>
<td>Public Cloud: 192.0.2.1, 192.0.2.2,<br>192.0.2.3, 127.0.0.1<p>Microsoft Cloud for US Government: 203.0.113.1</p>
TCP port 443</td></tr></html>`;

function sources(
  page: string,
  ...words: readonly string[]
): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync('sh', [SCRIPT, ...words], { input: page, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

describe('who may post, from the page of Microsoft', () => {
  test.each([ROW, HTML])('the addresses of one cloud, and no others', (page) => {
    const allowed = ['127.0.0.1', '192.0.2.1', '192.0.2.2', '192.0.2.3'];
    const nginx = allowed.map((address) => `allow ${address};\n`).join('');
    expect(sources(page, 'nginx', 'public')).toMatchObject({ code: 0, out: `${nginx}deny all;\n` });
    const caddy = `@strangers not remote_ip ${allowed.join(' ')}\nhandle @strangers {\n\trespond 403\n}\n`;
    expect(sources(page, 'caddy', 'public')).toMatchObject({ code: 0, out: caddy });
  });

  test.each([
    ['', 'public'],
    ['<html>Sign in</html>', 'public'],
    [ROW, 'china'],
    [ROW.replace('TCP port 443', ''), 'public'],
    [ROW.replace('Change Notifications', 'Messages'), 'public'],
  ])('a page that is not understood is a failure, never an empty list', (page, cloud) => {
    const { code, out, err } = sources(page, 'nginx', cloud);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('nothing written');
  });

  test.each([[[]], [['nginx']], [['apache', 'public']], [['nginx', 'mars']]])(
    '%j: says how it is used',
    (words) => {
      expect(sources(ROW, ...words)).toMatchObject({ code: 2, out: '' });
    },
  );
});

describe.each(kinds)('$name', ({ name, installed, start }) => {
  test.skipIf(!installed)('lets those in who are listed, and nobody else', async () => {
    const { ca, server } = await makeCertificates();
    const desk = await openDesk();
    const statuses: number[] = [];
    for (const cloud of ['public', 'us-government']) {
      const front = await start({ receivers: [desk.port], server, sources: sources(ROW, name, cloud).out });
      const body = JSON.stringify({ value: [notification()] });
      for (const target of ['/notifications', '/notifications?validationToken=a', '/healthz'])
        statuses.push((await ask({ port: front.port, ca }, 'HTTP/1.1', { target, body })).status);
      await front.stop();
    }
    await desk.close();
    expect(statuses.slice(0, 3)).toEqual([202, 200, 404]);
    expect(statuses.slice(3, 5)).toEqual([403, 403]);
    expect([403, 404]).toContain(statuses[5]);
  });
});

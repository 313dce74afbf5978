import type { Run } from '../../src/run/service.ts';

/** A link over loopback, whatever the configuration says of a public name. */
export const fakeLink: Run['dashboardLink'] = ({ dashboard }, _surroundings, access) =>
  dashboard && {
    url: `http://127.0.0.1:${dashboard.listen.port}/sign-in?code=abc`,
    code: 'abc',
    access,
    expires: '2026-11-30T12:00:00.000Z',
    elsewhere: null,
  };

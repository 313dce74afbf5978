import { validate, ValidationSeverity } from 'dockerfile-utils';
import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import {
  argumentsOf,
  copiesOf,
  dockerfileText,
  instructionsOf,
  only,
  sentToTheBuilder,
} from './dockerfile.ts';

const STRICT = {
  deprecatedMaintainer: ValidationSeverity.ERROR,
  directiveCasing: ValidationSeverity.ERROR,
  emptyContinuationLine: ValidationSeverity.ERROR,
  instructionCasing: ValidationSeverity.ERROR,
  instructionCmdMultiple: ValidationSeverity.ERROR,
  instructionEntrypointMultiple: ValidationSeverity.ERROR,
  instructionHealthcheckMultiple: ValidationSeverity.ERROR,
  instructionJSONInSingleQuotes: ValidationSeverity.ERROR,
  instructionWorkdirRelative: ValidationSeverity.ERROR,
};

const instructions = instructionsOf(dockerfileText);
const names = instructions.map(({ name }) => name);
const final = instructions.slice(names.lastIndexOf('FROM'));

describe('the Dockerfile', () => {
  test('is valid, and the check can fail', () => {
    expect(instructions.length).toBeGreaterThan(15);
    expect(validate(dockerfileText, STRICT)).toEqual([]);
    expect(validate(dockerfileText.replace('WORKDIR /config', 'WORKDIR config'), STRICT)).toHaveLength(1);
    expect(validate(dockerfileText.replace('USER node', 'USR node'), STRICT)).toHaveLength(1);
  });

  test('builds on the Node that the program asks for', () => {
    const [, major] = /^>=(\d+)\./.exec(manifest.engines.node) ?? [];
    const bases = instructions.filter(({ name }) => name === 'FROM').map(({ rest }) => rest.split(' ')[0]);
    expect(bases).toEqual([`node:${major}-bookworm-slim`, `node:${major}-bookworm-slim`]);
  });

  test('installs what runs and nothing that only builds, tests or checks', () => {
    const [install] = instructions.filter(({ name, rest }) => name === 'RUN' && rest.includes('npm ci'));
    expect(install?.rest).toMatch(/^npm ci --omit=dev --ignore-scripts && /);
  });

  test('takes the program and its manifest, and nothing of tests, secrets or configuration', () => {
    const copies = copiesOf(instructions).map(({ from }) => from);
    expect(new Set(copies)).toEqual(
      new Set(['package.json', 'package-lock.json', '.npmrc', 'LICENSE', 'src', 'webhooks']),
    );
    expect(new Set(sentToTheBuilder())).toEqual(new Set(copies));
  });

  test('runs as somebody without rights, and starts Node itself', () => {
    expect(only(final, 'USER')).toBe('node');
    expect(final.findIndex(({ name }) => name === 'USER')).toBeLessThan(
      final.findIndex(({ name }) => name === 'ENTRYPOINT'),
    );
    expect(argumentsOf(only(final, 'ENTRYPOINT'))).toEqual(['node', '/app/src/cli/contact-sync.mjs']);
    expect(argumentsOf(only(final, 'CMD'))).toEqual(['run']);
    expect(only(final, 'STOPSIGNAL')).toBe('SIGTERM');
    expect(only(final, 'VOLUME')).toBe('/data');
  });
});

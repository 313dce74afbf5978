import type { MappingConfig } from '../../src/kit/config/fields.ts';
import { shapedBy } from '../../src/jobs/mapping.ts';
import { MINIMAL, read } from './config-fixture.ts';

/** The mapping of a job that has these keys beside the necessary ones, as YAML of one line each. */
export function mappingOf(...keys: readonly string[]): MappingConfig {
  const [job] = read(MINIMAL + keys.map((key) => `    ${key}\n`).join('')).jobs;
  if (!job || job.kind === 'mirror') throw new Error('The fixture has a job.');
  return job.mapping;
}

/** What is filled when nothing is configured. */
export const SEED_MAPPING = mappingOf();
export const SEED_ATTRIBUTES = shapedBy(SEED_MAPPING).reads;

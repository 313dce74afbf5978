import type { JobConfig } from '../kit/config/config.ts';
import type { Route } from '../model/route.ts';
import { crossTenantRoutes } from './cross-tenant.ts';
import { directoryRoutes } from './directory.ts';
import { mirrorRoutes } from './mirror.ts';

/** What a job comes to. A new kind of job is one file in this folder and one line here. */
export function routesOf(job: JobConfig): Route[] {
  if (job.kind === 'directory') return directoryRoutes(job);
  return job.kind === 'mirror' ? mirrorRoutes(job) : crossTenantRoutes(job);
}

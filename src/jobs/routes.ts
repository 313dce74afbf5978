import type { JobConfig } from '../kit/config/config.ts';
import type { Route } from '../model/route.ts';
import { crossTenantRoutes } from './cross-tenant.ts';
import { directoryRoutes } from './directory.ts';
import { mirrorRoutes } from './mirror.ts';

/** What a job comes to. A new kind of job is one file in this folder and one case here. */
export function routesOf(job: JobConfig): Route[] {
  switch (job.kind) {
    case 'directory':
      return directoryRoutes(job);
    case 'cross-tenant':
      return crossTenantRoutes(job);
    case 'mirror':
      return mirrorRoutes(job);
  }
}

import axe from 'axe-core';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { expect } from 'vitest';

/** Debian's; any other Chromium will do. */
const CHROMIUM = process.env['CONTACT_SYNC_CHROMIUM'] ?? '/usr/bin/chromium';
/** Where pictures of the pages are kept; nowhere unless given. */
const SCREENSHOTS = process.env['CONTACT_SYNC_SCREENSHOTS'];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const isInstalled = existsSync(CHROMIUM);

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** Keeps a picture of the page, where somebody wants it. */
export async function shot(where: Page, name: string): Promise<void> {
  if (SCREENSHOTS === undefined) return;
  await mkdir(SCREENSHOTS, { recursive: true });
  await where.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`), fullPage: true });
}

/** What axe finds that keeps people from using the page. Throws unless it looked. */
export async function serious(where: Page): Promise<unknown[]> {
  await where.evaluate(axe.source);
  const { violations, passes } = await where.evaluate<axe.AxeResults>('axe.run(document)');
  expect(passes.length).toBeGreaterThan(10);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => [html, failureSummary])]);
}

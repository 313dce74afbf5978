import type { Config } from '../kit/config/config.ts';
import { keyOf, peekDataFolder } from '../kit/data-folder.ts';
import { printsUnder, type Prints } from './prints.ts';

/** What a start under this configuration would find, looked at beside whoever has the folder. */
export function foundIn({ data, deployment, fingerprintKey }: Config): ReturnType<typeof peekDataFolder> {
  return peekDataFolder({
    path: data,
    deployment,
    fingerprintKey: fingerprintKey === null ? null : keyOf(fingerprintKey.text()),
  });
}

/** Without the key everybody would look changed, and nothing be met; a folder that was started has one. */
export function printsIn({ fingerprintKey }: ReturnType<typeof peekDataFolder>): Prints {
  return printsUnder(fingerprintKey ?? new Uint8Array(32));
}

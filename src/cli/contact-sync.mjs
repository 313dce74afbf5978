#!/usr/bin/env node
// Plain JavaScript of the year 2019 without a static import, so that an old Node can read it and say what is
// wrong. Under Node 20 the SQLite driver would crash the process (segmentation fault) instead of failing.
const NEEDED = [24, 12];
const parts = process.versions.node.split('.').map(Number);

if (parts[0] < NEEDED[0] || (parts[0] === NEEDED[0] && parts[1] < NEEDED[1])) {
  process.stderr.write(
    `contact-sync needs Node ${NEEDED.join('.')} or newer and this is ${process.versions.node}: ` +
      '"npm run contact-sync -- help", in the folder of the program, brings its own.\n',
  );
  process.exitCode = 1;
} else {
  import('./main.ts').then(
    (main) => main.start(),
    (fault) => {
      process.stderr.write(`contact-sync cannot start: ${fault.message.split('\n')[0]}; is "npm ci" done?\n`);
      process.exitCode = 1;
    },
  );
}

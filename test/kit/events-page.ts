import { EVENT_GROUPS } from '../../src/kit/events/catalogue.ts';
import type { EventFacts } from '../../src/kit/events/event.ts';

const HEAD = `# Events of the log

Every line of the log that tells of more than a detail is an event of this list. \`eventId\` and \`event\` of the line never change
their meaning, and a number that is given up is not used again; \`msg\` and what else stands on the line may change. Lines of level \`debug\`
have no id, and nothing should be built upon them.

\`\`\`json
{"level":"error","time":"2026-11-30T10:12:05.123Z","eventId":501,"event":"removals-held","job":"staff","held":31,"msg":"removals held by the guard: ..."}
\`\`\`

- **error:** a person has to act, or something is lost until it goes away by itself: give it an alarm. **warn:** a person may have
  to act when it stays, or comes again. **info:** as it should be.
- Lines hold object ids, item ids, counts and names of fields; no name, number or address of anybody, and no secret.
- **Under systemd** lines go to the journal with their priority, so that \`journalctl -u contact-sync -p err\` shows the errors and
  \`-p warning\` warnings as well; elsewhere they are plain JSON. One event: \`journalctl -u contact-sync -o cat | jq 'select(.eventId == 501)'\`.
- **On Windows** the service writes errors and warnings to the Event Log as well, under the same ids:
  [windows](windows/README.md#the-event-log).
- Where it cannot be said by itself that all is well (a process that hangs, a machine that is off), use
  [the figures and their alerts](monitoring/README.md).

This page is made from the catalogue of the program (\`src/kit/events\`); a test keeps the two the same.
`;

/** deploy/events.md, as the catalogue has it. */
export function eventsPage(): string {
  const sections = EVENT_GROUPS.map(({ hundred, about, events }) => {
    const rows = Object.entries<EventFacts>(events).map(
      ([name, { id, level, meaning, remedy }]) =>
        `| ${id} | \`${name}\` | ${level} | ${meaning} | ${remedy ?? '-'} |`,
    );
    return [
      `## ${hundred}xx: ${about}`,
      '',
      '| id | event | level | what it means | what to do |',
      '| --- | --- | --- | --- | --- |',
      ...rows,
    ].join('\n');
  });
  return `${HEAD}\n${sections.join('\n\n')}\n`;
}

import type { RawBuilder } from 'kysely';
import type { Session } from './session.ts';

/** Subjects as a table, for a statement that is the same however many there are. */
export function subjectRows(
  rows: Session['rows'],
  subjects: readonly string[],
): RawBuilder<{ subject: string }> {
  return rows<{ subject: string }>(
    { subject: 'text' },
    subjects.map((subject) => ({ subject })),
  );
}

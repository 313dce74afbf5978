/** Another process does the work already: it has the data folder, or is the keeper. The message names it in one line. */
export class HeldByAnother extends Error {
  override readonly name = 'HeldByAnother';
}

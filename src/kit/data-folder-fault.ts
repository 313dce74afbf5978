/** The folder cannot be used as it is; the message says what to do, in one line. */
export class DataFolderFault extends Error {
  override readonly name = 'DataFolderFault';
}

/** A migration of the application cannot be run. The message names the file and says why, to the author of the file. */
export class MigrationFailed extends Error {
  override readonly name = 'MigrationFailed'
}

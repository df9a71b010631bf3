/** Something that a person can mend before the command is given again. Its text is all that is shown: no stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

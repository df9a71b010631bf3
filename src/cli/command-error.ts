import { StartError } from '../local/start-error.ts'

/** Something that a person can mend before the command is given again. Its text is all that is shown: no stack. */
export class CommandError extends StartError {
  override readonly name = 'CommandError'
  readonly exitCode: number

  /** @param exitCode 2 for a command line that cannot be understood */
  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

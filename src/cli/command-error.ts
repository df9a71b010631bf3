import { StartError } from '../local/start-error.ts'

/** A command that failed for a reason that the person who gave it can mend. Only the text is shown, without a stack trace. */
export class CommandError extends StartError {
  override readonly name = 'CommandError'
  readonly exitCode: number

  /** @param exitCode 2 for a command line that cannot be understood */
  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** An error that a person can mend before the next start. Only its text is shown, without a stack trace. */
export class StartError extends Error {
  override readonly name: string = 'StartError'
}

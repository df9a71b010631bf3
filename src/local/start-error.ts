/** Something a person can mend before the next start. Its text is all that is shown: no stack. */
export class StartError extends Error {
  override readonly name: string = 'StartError'
}

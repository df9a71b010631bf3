/**
 * What a provider has sent can't be read. Its words are kept apart from the message: they may be a prompt's or a model's, which no log has
 * unless the operator wants that.
 */
export class UnreadableAnswer extends Error {
  override readonly name = 'UnreadableAnswer'
  /** Private, so that loggers leave it out. */
  readonly #said: string

  constructor(why: string, said: string) {
    super(why)
    this.#said = said
  }

  get said(): string {
    return this.#said
  }
}

/** An error as the cause of a failure: the engine's own error about text that is no JSON quotes the text. */
export function withoutQuotes(error: unknown): unknown {
  return error instanceof SyntaxError
    ? new UnreadableAnswer('what was sent is no JSON', error.message)
    : error
}

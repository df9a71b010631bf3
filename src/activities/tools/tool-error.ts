/**
 * A tool's plain no, with our own words to the model. It is an answer and final: the call is not tried again. Anything else
 * that a handler throws counts as a failure of the tool and is.
 */
export class ToolError extends Error {
  override readonly name = 'ToolError'
  readonly code: 'tool_not_found' | 'tool_refused'

  constructor(code: 'tool_not_found' | 'tool_refused', message: string) {
    super(message)
    this.code = code
  }
}

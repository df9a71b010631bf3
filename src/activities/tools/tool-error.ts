/** What a handler throws to say no, whichever copy of the package its application has loaded. */
const BRAND = Symbol.for('holdfast.ToolError')

export interface ToolRefusal {
  readonly code: 'tool_not_found' | 'tool_refused'
  readonly message: string
}

/**
 * A tool's plain no, with our own words to the model. It is an answer and final: the call is not tried again. Anything else
 * that a handler throws counts as a failure of the tool and is.
 */
export class ToolError extends Error implements ToolRefusal {
  override readonly name = 'ToolError'
  readonly [BRAND] = true
  readonly code: ToolRefusal['code']

  constructor(code: ToolRefusal['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** By brand and not by class: an application may resolve another copy of the package than the worker that runs it. */
export function isToolError(error: unknown): error is ToolRefusal {
  return error instanceof Error && BRAND in error
}

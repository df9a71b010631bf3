/** Marks the class in every copy of this package that a process may have loaded. */
const BRAND = Symbol.for('holdfast.ToolError')

export type ToolErrorCode = 'tool_not_found' | 'tool_refused'

/**
 * A tool's plain no. The model reads the message, and the call is not tried again. Anything else that a handler throws counts as
 * a failure of the tool: it is tried again, and the model does not read it.
 *
 * @example
 * if (invoice === null) throw new ToolError('No such invoice.')
 */
export class ToolError extends Error {
  override readonly name = 'ToolError'
  readonly code: ToolErrorCode
  readonly [BRAND] = true

  constructor(message: string, { code = 'tool_refused' }: { readonly code?: ToolErrorCode } = {}) {
    super(message)
    this.code = code
  }
}

/** By the brand: an application may have loaded another copy of the package, whose class `instanceof` does not know. */
export function isToolError(error: unknown): error is ToolError {
  return typeof error === 'object' && error !== null && BRAND in error
}

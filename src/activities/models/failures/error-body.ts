/**
 * Puts an error into the body's field `error`, the only one that the OpenAI SDK reads. Compatible servers put the error at the top of
 * the body, or in a list, and the SDK would lose its code and message.
 */
export async function withErrorField(response: Response): Promise<Response> {
  if (response.ok) return response
  const { status, headers } = response
  const text = await response.text()
  return new Response(text === '' ? null : withField(text), { status, headers })
}

function withField(text: string): string {
  try {
    const body: unknown = JSON.parse(text)
    const error: unknown = Array.isArray(body) ? body[0] : body
    const hasField = typeof error === 'object' && error !== null && 'error' in error
    return JSON.stringify(hasField ? error : { error })
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}

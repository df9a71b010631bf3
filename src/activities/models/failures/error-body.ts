/**
 * An error's body as the OpenAI SDK reads it, which looks at the field `error` alone. Compatible servers put the error at the
 * top of the body, or in a list, and all that they said would be lost.
 */
export async function withErrorField(response: Response): Promise<Response> {
  if (response.ok) return response
  const { status, headers } = response
  const text = await response.text()
  return new Response(text === '' ? null : nested(text), { status, headers })
}

function nested(text: string): string {
  try {
    const body: unknown = JSON.parse(text)
    const said: unknown = Array.isArray(body) ? body[0] : body
    const hasField = typeof said === 'object' && said !== null && 'error' in said
    return JSON.stringify(hasField ? said : { error: said })
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}

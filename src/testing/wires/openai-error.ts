const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  429: 'requests',
}

/** The body of OpenAI's answers with this status; used where the script gives none. */
export function openaiError(status: number, message: string): unknown {
  const type = TYPES[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error')
  const code = status === 429 ? 'rate_limit_exceeded' : status === 401 ? 'invalid_api_key' : null
  return { error: { message, type, param: null, code } }
}

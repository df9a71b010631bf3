/** An answer of the API, read. `body` is for assertions: look at what you expect. */
export interface Answer<T> {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: T
}

export async function get<T>(url: string, headers: Record<string, string> = {}): Promise<Answer<T>> {
  return read(await fetch(url, { headers }))
}

export async function post<T>(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  return send('POST', url, body, headers)
}

export async function send<T>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  const json = body === undefined ? {} : { 'content-type': 'application/json' }
  const content = body === undefined ? {} : { body: JSON.stringify(body) }
  return read(await fetch(url, { method, headers: { ...json, ...headers }, ...content }))
}

async function read<T>(answer: Response): Promise<Answer<T>> {
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text) as T }
}

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
  const json = { 'content-type': 'application/json', ...headers }
  return read(await fetch(url, { method: 'POST', headers: json, body: JSON.stringify(body) }))
}

async function read<T>(answer: Response): Promise<Answer<T>> {
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text) as T }
}

import { StartError } from '../../local/start-error.ts'
import { type Mistake, mistakesText } from '../api/mistakes-text.ts'

/** The API that a demonstration is played against. */
export interface DemoApi {
  readonly url: string
  /** null where the API asks nobody for a key. */
  readonly key: string | null
  /** The local stack, whose admin key may make further keys; `--url` is another API, with other people's keys. */
  readonly isLocalStack: boolean
}

/** The API answered with a problem. Its message is the problem's own text. */
export class DemoRefused extends StartError {
  override readonly name = 'DemoRefused'
  /** The error code of the API. */
  readonly code: string | null

  constructor(message: string, code: string | null) {
    super(message)
    this.code = code
  }
}

/** GET, or POST with a body. @throws DemoRefused */
export async function callApi<T>(
  api: DemoApi,
  path: string,
  body?: object,
  method = body === undefined ? 'GET' : 'POST',
): Promise<T> {
  const response = await fetch(new URL(path, api.url), {
    method,
    headers: { ...authorization(api), ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const answer = (await response.json().catch(() => ({}))) as Partial<
    Record<'title' | 'detail' | 'code', string>
  > & { readonly errors?: readonly Mistake[] }
  if (response.ok) return answer as T
  throw new DemoRefused(
    `${answer.detail ?? answer.title ?? `${path} answered ${response.status}`}${mistakesText(answer.errors)}`,
    answer.code ?? null,
  )
}

export function authorization({ key }: Pick<DemoApi, 'key'>): Record<string, string> {
  return key === null ? {} : { authorization: `Bearer ${key}` }
}

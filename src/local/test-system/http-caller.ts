import { readEventStream } from '../../client/transport/read-event-stream.ts'

/** The API refused what a test asked for. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number
  /** The product's error code, such as `approval_not_allowed`. */
  readonly code: string | null

  constructor(path: string, status: number, problem: { readonly code?: string; readonly detail?: string }) {
    super(`${path} answered ${status}: ${problem.code ?? ''} ${problem.detail ?? ''}`.trimEnd())
    this.status = status
    this.code = problem.code ?? null
  }
}

/** An event of a run. */
export interface StreamedEvent {
  /** `seq` as text: what a reader who comes back gives as `after`. */
  readonly id: string
  /** From 1, without gaps. */
  readonly seq: number
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface HttpCaller {
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: object, headers?: Readonly<Record<string, string>>): Promise<T>
  /** Every entry of a list, whatever the size of a page. The path may have a query. */
  list<T>(path: string): Promise<T[]>
  /** Recorded events of a run: first those after `after`, then each as it comes; ends with the run. */
  events(runId: string, after?: string): AsyncGenerator<StreamedEvent>
}

/** A client of the API with one person's key. Each method throws `Refused` for an answer that is a problem. */
export function createHttpCaller(url: string, key: string): HttpCaller {
  const headers = { authorization: `Bearer ${key}` }

  async function call<T>(path: string, init: RequestInit = {}): Promise<T> {
    const answer = await fetch(new URL(path, url), { ...init, headers: { ...headers, ...init.headers } })
    const body: unknown = await answer.json()
    if (!answer.ok) throw new Refused(path, answer.status, body as { code?: string; detail?: string })
    return body as T
  }

  return {
    get: (path) => call(path),
    post: (path, body, headers) =>
      call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    async list<T>(path: string) {
      const data: T[] = []
      const place = new URL(path, url)
      place.searchParams.set('limit', '100')
      for (;;) {
        const page: { data: T[]; next: string | null } = await call(place.pathname + place.search)
        data.push(...page.data)
        if (page.next === null) return data
        place.searchParams.set('after', page.next)
      }
    },
    async *events(runId, after = '0') {
      const leave = new AbortController()
      const path = `/v1/runs/${runId}/events`
      const answer = await fetch(new URL(path, url), {
        headers: { ...headers, accept: 'text/event-stream', 'last-event-id': after },
        signal: leave.signal,
      })
      // The run has ended, and has no event after `after`.
      if (answer.status === 204) return
      if (!answer.ok || answer.body === null)
        throw new Refused(path, answer.status, (await answer.json()) as { code?: string; detail?: string })
      try {
        for await (const { id, data } of readEventStream(answer.body)) {
          // Deltas have no id: they are recorded nowhere.
          if (id !== null) yield { id, ...(JSON.parse(data) as Omit<StreamedEvent, 'id'>) }
        }
      } finally {
        leave.abort()
      }
    },
  }
}

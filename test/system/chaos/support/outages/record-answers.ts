/** An answer of the API, as a caller sees it. */
export interface SeenAnswer {
  /** Method and path. */
  readonly request: string
  readonly status: number
  readonly code: string | undefined
  readonly retryAfter: string | null
  readonly tookMs: number
}

/** A `fetch` for a client that writes down how each request was answered, those included that the client sends again. */
export function recordAnswers(): { readonly fetch: typeof fetch; readonly all: readonly SeenAnswer[] } {
  const all: SeenAnswer[] = []
  return {
    all,
    async fetch(url, init) {
      const began = performance.now()
      const answer = await fetch(url, init)
      const tookMs = Math.round(performance.now() - began)
      const problem = answer.ok ? {} : ((await answer.clone().json()) as { readonly code?: string })
      all.push({
        request: `${init?.method ?? 'GET'} ${new URL(String(url)).pathname}`,
        status: answer.status,
        code: problem.code,
        retryAfter: answer.headers.get('retry-after'),
        tookMs,
      })
      return answer
    },
  }
}

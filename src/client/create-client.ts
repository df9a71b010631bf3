import { type Approvals, createApprovals } from './approvals.ts'
import type { HoldfastError } from './holdfast-error.ts'
import { newKey } from './new-key.ts'
import { createRuns, type Runs } from './runs.ts'
import type {
  Answer,
  Arguments,
  CallOptions,
  Entry,
  Input,
  ListName,
  OperationName,
} from './transport/requests.ts'
import { createSend } from './transport/send.ts'
import { TIMING, type Timing } from './transport/timing.ts'
import { createTransport } from './transport/transport.ts'

export interface ClientOptions {
  /** Where the API is, such as `https://agents.example.com`. A path in it counts. */
  readonly url: string
  /** An API key, `hf_…`. */
  readonly key?: string | undefined
  /** A token in the key's place. A function is asked before each request, so that it can give a fresh one. */
  readonly token?: string | (() => string | Promise<string>) | undefined
  /** In place of the platform's own. */
  readonly fetch?: typeof fetch | undefined
  /** In place of the usual retries and times. */
  readonly timing?: Partial<Timing> | undefined
  /** Told of each request that did not come through, before the pause after which it is sent again. */
  readonly onRetry?: ((error: HoldfastError) => void) | undefined
}

/** Operations that start a run. */
const STARTS: readonly OperationName[] = ['POST /v1/runs', 'POST /v1/threads/{id}/runs']

interface Page {
  readonly data: readonly unknown[]
  readonly next: string | null
}

/** A client of one API with one person's key. Its methods stand by themselves: they can be passed on without it. */
export interface HoldfastClient {
  readonly runs: Runs
  readonly approvals: Approvals
  /**
   * Any operation of the API, by method and path.
   *
   * @throws HoldfastError
   * @example
   * const { data } = await client.request('GET /v1/usage', { query: { group_by: 'model' } })
   */
  request<N extends OperationName>(name: N, ...input: Arguments<N>): Promise<Answer<N>>
  /** Every entry of a list, page by page as they are asked for. */
  all<N extends ListName>(name: N, ...input: Arguments<N>): AsyncGenerator<Entry<N>>
  /**
   * A GET of any path of the API, for answers that are not JSON. An answer that is no success is thrown.
   *
   * @param path with its query, such as `/v1/reports/yesterday`
   * @throws HoldfastError
   */
  get(path: string, options?: CallOptions): Promise<Response>
}

/**
 * A client of a Holdfast API, for Node and browsers alike. It sends again what did not come through, as far as that can do nothing twice,
 * and waits as long as the API asks (`Retry-After`).
 *
 * @example
 * const client = createClient({ url: 'https://agents.example.com', key: 'hf_…' })
 * const run = await client.runs.startAndWait({ agent: 'support', input: 'Where is my parcel?' })
 */
export function createClient({
  url,
  key,
  token = key,
  fetch = (...request) => globalThis.fetch(...request),
  timing: changed,
  onRetry,
}: ClientOptions): HoldfastClient {
  const timing = { ...TIMING, ...changed }
  const tokenOf = typeof token === 'function' ? token : () => token
  const send = createSend({ url, fetch, timing, onRetry, token: tokenOf })
  const transport = createTransport(send, timing)
  const { call } = transport

  /** Starts are sent with a key of their own, so that they can be repeated. */
  function request<N extends OperationName>(name: N, ...[input]: Arguments<N>): Promise<Answer<N>> {
    const given = (input ?? {}) as Input<N>
    const headers = STARTS.includes(name) ? { 'idempotency-key': newKey() } : {}
    return call(name, { ...given, headers: { ...headers, ...given.headers } })
  }

  async function* all<N extends ListName>(name: N, ...[input]: Arguments<N>): AsyncGenerator<Entry<N>> {
    let given = (input ?? {}) as Input<N> & { readonly query?: object }
    for (;;) {
      const page: Page | null = await call(name, given)
      yield* (page?.data ?? []) as Entry<N>[]
      if (!page?.next) return
      given = { ...given, query: { ...given.query, after: page.next } }
    }
  }

  return {
    runs: createRuns(transport),
    approvals: createApprovals(transport),
    request,
    all,
    get: (path, { headers, signal } = {}) =>
      send(
        { method: 'GET', path, ...(headers && { headers }), signal, repeatable: true },
        async (response) => response,
      ),
  }
}

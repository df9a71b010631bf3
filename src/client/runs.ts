import type { ChangeBudgetInput, Run, RunStreamEntry, StartRunInput } from './generated.ts'
import { newKey } from './new-key.ts'
import { followRun, type StreamOptions } from './transport/follow-run.ts'
import type { Answer, CallOptions, Input } from './transport/requests.ts'
import type { Transport } from './transport/transport.ts'

type Signal = Pick<CallOptions, 'signal'>
type RunsQuery = NonNullable<Input<'GET /v1/runs'>['query']>
type MessagesQuery = NonNullable<Input<'GET /v1/runs/{id}/messages'>['query']>
type TraceQuery = NonNullable<Input<'GET /v1/runs/{id}/trace'>['query']>

export interface StartOptions extends Signal {
  /** The same key starts the same run. Where it is not given each call has one of its own, which its repetitions share. */
  readonly idempotencyKey?: string
  /** Seconds to wait for the run, at most 60: the answer comes when it has ended or requires action, or the time is up. */
  readonly waitSeconds?: number
}

export interface WaitOptions extends Signal {
  /** `end` where it is not given. `action`: also until a person has to decide something, or the budget to be raised. */
  readonly until?: 'end' | 'action'
}

/** Runs. Every method throws {@link HoldfastError}, or its signal's reason. */
export interface Runs {
  /** Starts a run, once, however often the request has to be sent. @throws `unknown_agent`, `forbidden`, … */
  start(body: StartRunInput, options?: StartOptions): Promise<Run>
  /** Starts a run and waits for its end, for as long as it takes: over `Prefer: wait` first, and its event stream after that. */
  startAndWait(body: StartRunInput, options?: StartOptions & WaitOptions): Promise<Run>
  get(id: string, options?: Signal): Promise<Run>
  /** One page, newest first. `client.all('GET /v1/runs')` goes through all of them. */
  list(query?: RunsQuery, options?: Signal): Promise<Answer<'GET /v1/runs'>>
  /** Resolves to the run once it has ended, which may be in weeks. `AbortSignal.timeout(ms)` bounds the wait; the run goes on. */
  wait(id: string, options?: WaitOptions): Promise<Run>
  /**
   * The run's events, then each as it comes, to the run's end, over as many connections as it takes. Events come once and in order.
   * Text on its way (`model.delta`) has no `seq`; `model.started` begins it anew: what came before it for the same step is void.
   *
   * @example
   * for await (const event of client.runs.stream(run.id)) {
   *   if (event.type === 'tool.completed') console.log(event.data.tool, event.data.preview)
   * }
   */
  stream(id: string, options?: StreamOptions): AsyncGenerator<RunStreamEntry>
  /** A page of the transcript, oldest first. */
  messages(id: string, query?: MessagesQuery, options?: Signal): Promise<Answer<'GET /v1/runs/{id}/messages'>>
  /** Says something to a run under way. The same `id` is the same message. @throws `run_ended`, `run_busy` */
  say(
    id: string,
    message: string | Input<'POST /v1/runs/{id}/messages'>['body'],
    options?: Signal,
  ): Promise<Answer<'POST /v1/runs/{id}/messages'>>
  /** Asks the run to stop. It has stopped once its status says so. */
  cancel(id: string, options?: Signal): Promise<Run>
  /** Goes on with a run that ended for want of models, budget or steps. Is not repeated by itself. @throws `run_not_resumable` */
  resume(id: string, body?: Input<'POST /v1/runs/{id}/resume'>['body'], options?: Signal): Promise<Run>
  /** Sets limits of the run's budget, or adds to them. Is not repeated by itself. @throws `budget_change_invalid`, `run_ended` */
  budget(id: string, change: ChangeBudgetInput, options?: Signal): Promise<Run>
  /** A page of what happened in the run, step by step, with what it cost. */
  trace(id: string, query?: TraceQuery, options?: Signal): Promise<Answer<'GET /v1/runs/{id}/trace'>>
}

/** How long a start is held back by the API before the event stream is opened: below what proxies usually allow. */
const HELD_SECONDS = 25

const ACTIONS: readonly string[] = ['approval.requested', 'budget.reached']

export function createRuns({ call, send, timing }: Transport): Runs {
  const get: Runs['get'] = (id, options) => call('GET /v1/runs/{id}', { path: { id }, ...options })

  const start: Runs['start'] = (body, { idempotencyKey = newKey(), waitSeconds, signal } = {}) =>
    call(
      'POST /v1/runs',
      {
        body,
        signal,
        headers: {
          'idempotency-key': idempotencyKey,
          ...(waitSeconds !== undefined && { prefer: `wait=${waitSeconds}` }),
        },
      },
      { heldMs: (waitSeconds ?? 0) * 1_000 },
    )

  const stream: Runs['stream'] = (id, options = {}) => followRun(send, timing, id, options)

  async function wait(id: string, { until = 'end', signal }: WaitOptions = {}): Promise<Run> {
    for await (const { type } of stream(id, { signal })) {
      if (until === 'end' || !ACTIONS.includes(type)) continue
      const run = await get(id, { signal })
      if (isOver(run, until)) return run
    }
    return get(id, { signal })
  }

  return {
    start,
    async startAndWait(body, { until = 'end', waitSeconds = HELD_SECONDS, ...options } = {}) {
      const run = await start(body, { ...options, waitSeconds })
      return isOver(run, until) ? run : wait(run.id, { until, signal: options.signal })
    },
    get,
    list: (query = {}, options) => call('GET /v1/runs', { query, ...options }),
    wait,
    stream,
    messages: (id, query = {}, options) =>
      call('GET /v1/runs/{id}/messages', { path: { id }, query, ...options }),
    say(id, message, options) {
      const body = typeof message === 'string' ? { content: message } : message
      return call(
        'POST /v1/runs/{id}/messages',
        { path: { id }, body: { id: `msg_${newKey()}`, ...body }, ...options },
        { repeatable: true },
      )
    },
    cancel: (id, options) =>
      call('POST /v1/runs/{id}/cancel', { path: { id }, ...options }, { repeatable: true }),
    resume: (id, body, options) =>
      call('POST /v1/runs/{id}/resume', { path: { id }, ...(body && { body }), ...options }),
    budget: (id, change, options) =>
      call('PATCH /v1/runs/{id}/budget', { path: { id }, body: change, ...options }),
    trace: (id, query = {}, options) => call('GET /v1/runs/{id}/trace', { path: { id }, query, ...options }),
  }
}

function isOver({ status }: Run, until: 'end' | 'action'): boolean {
  if (status === 'queued' || status === 'in_progress') return false
  return status !== 'requires_action' || until === 'action'
}

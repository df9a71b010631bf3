import type { ApprovalResource } from '../../../../src/api/approvals/approval.schema.ts'
import type { EventResource } from '../../../../src/api/events/event.schema.ts'
import type { MessageResource } from '../../../../src/api/runs/message.schema.ts'
import type { RunResource } from '../../../../src/api/runs/run.schema.ts'
import type { DecisionKind } from '../../../../src/contracts/approvals/approval.ts'
import type { EventType } from '../../../../src/contracts/events/event.ts'
import type { JsonObject } from '../../../../src/contracts/json.ts'
import { type Answer, get, post, send } from '../../../api/support/post.ts'
import { readStream } from '../../../api/support/read-stream.ts'

interface Page<T> {
  readonly data: readonly T[]
  readonly next: string | null
}

export interface ProblemBody {
  readonly code: string
}

type Decision = {
  readonly decision: DecisionKind
  readonly arguments?: JsonObject
  readonly message?: string
  readonly comment?: string
}

/**
 * Somebody who uses the service over HTTP and knows nothing but its addresses, and a key where it takes one. Waiting is done
 * on event streams.
 */
export function createCaller(url: string, key: Record<string, string> = {}) {
  const v1 = (path: string) => `${url}/v1${path}`

  async function all<T>(path: string): Promise<T[]> {
    const data: T[] = []
    for (let next: string | null = ''; next !== null; ) {
      const { body }: Answer<Page<T>> = await get(v1(`${path}?limit=100${next && `&after=${next}`}`), key)
      data.push(...body.data)
      next = body.next
    }
    return data
  }

  /** Follows a run until an event of this type, the `nth` of them. */
  async function until(runId: string, type: EventType, nth = 1): Promise<EventResource['data']> {
    let seen = 0
    for await (const { event, data } of readStream(v1(`/runs/${runId}/events`), key)) {
      if (event === type && ++seen === nth) return data['data'] as EventResource['data']
    }
    throw new Error(`The run ended without ${type}`)
  }

  const run = async (runId: string) => (await get<RunResource>(v1(`/runs/${runId}`), key)).body
  const approval = async (id: string) => (await get<ApprovalResource>(v1(`/approvals/${id}`), key)).body

  return {
    v1,
    run,
    approval,
    until,
    start: (body: object, headers: Record<string, string> = {}) =>
      post<RunResource>(v1('/runs'), body, { ...key, ...headers }),
    messages: (runId: string) => all<MessageResource>(`/runs/${runId}/messages`),
    events: (runId: string) => all<EventResource>(`/runs/${runId}/events`),
    list: () => get<Page<RunResource>>(v1('/runs'), key),
    pendingApprovals: () => get<Page<ApprovalResource>>(v1('/approvals?status=pending'), key),
    say: (runId: string, content: string, id?: string) =>
      post(v1(`/runs/${runId}/messages`), { content, ...(id !== undefined && { id }) }, key),
    cancel: (runId: string) => post<RunResource & ProblemBody>(v1(`/runs/${runId}/cancel`), {}, key),
    decide: (
      { id, arguments_sha256 }: Pick<ApprovalResource, 'id' | 'arguments_sha256'>,
      decision: Decision,
    ) =>
      post<ApprovalResource & ProblemBody>(
        v1(`/approvals/${id}/decision`),
        { arguments_sha256, ...decision },
        key,
      ),
    changeBudget: (runId: string, change: object, headers: Record<string, string> = {}) =>
      send<RunResource & ProblemBody>('PATCH', v1(`/runs/${runId}/budget`), change, { ...key, ...headers }),
    resume: (runId: string, body: object = {}) =>
      post<RunResource & ProblemBody>(v1(`/runs/${runId}/resume`), body, key),
    get: <T>(path: string) => get<T>(v1(path), key),
    post: <T>(path: string, body: object) => post<T>(v1(path), body, key),
    put: <T>(path: string, body: object) => send<T>('PUT', v1(path), body, key),
    remove: <T>(path: string) => send<T>('DELETE', v1(path), undefined, key),

    /** The approval that the run waits for. */
    async untilWaiting(runId: string): Promise<ApprovalResource> {
      const { approval_id } = await until(runId, 'approval.requested')
      return approval(String(approval_id))
    },

    /** The run as it has ended. */
    async untilEnd(runId: string): Promise<RunResource> {
      for await (const _ of readStream(v1(`/runs/${runId}/events`), key));
      return run(runId)
    },
  }
}

export type Caller = ReturnType<typeof createCaller>

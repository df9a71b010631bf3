import type { Approval, DecisionInput } from './generated.ts'
import type { Answer, CallOptions, Input } from './transport/requests.ts'
import type { Transport } from './transport/transport.ts'

type Signal = Pick<CallOptions, 'signal'>

/** A decision, but for the hash of what it is about. `arguments` with `edit` only, `message` with `reject` and `respond`. */
export type Decision = Omit<DecisionInput, 'arguments_sha256'>

/** Calls that wait for a person. Every method throws {@link HoldfastError}, or its signal's reason. */
export interface Approvals {
  /** A page, newest first. `{ status: 'pending', decidable: 'true' }` is the caller's inbox. */
  list(
    query?: NonNullable<Input<'GET /v1/approvals'>['query']>,
    options?: Signal,
  ): Promise<Answer<'GET /v1/approvals'>>
  get(id: string, options?: Signal): Promise<Approval>
  /**
   * Decides an approval as it was shown: one that is about other arguments by now is refused. Is not repeated by itself.
   *
   * @throws `stale`, `already_decided`, `not_an_approver`, `requester_excluded`, `decision_not_allowed`, …
   */
  decide(
    shown: Pick<Approval, 'id' | 'arguments_sha256'>,
    decision: Decision,
    options?: Signal,
  ): Promise<Approval>
}

export function createApprovals({ call }: Transport): Approvals {
  return {
    list: (query = {}, options) => call('GET /v1/approvals', { query, ...options }),
    get: (id, options) => call('GET /v1/approvals/{id}', { path: { id }, ...options }),
    decide: ({ id, arguments_sha256 }, decision, options) =>
      call('POST /v1/approvals/{id}/decision', {
        path: { id },
        body: { ...decision, arguments_sha256 },
        ...options,
      }),
  }
}

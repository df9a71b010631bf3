import assert from 'node:assert/strict'
import { EXAMPLE } from '../../../examples/shop/example.ts'
import type { ApprovalResource } from '../../../src/api/approvals/approval.schema.ts'
import { type EventResource, event as eventSchema } from '../../../src/api/events/event.schema.ts'
import type { RunResource } from '../../../src/api/runs/run.schema.ts'
import type { Answer } from '../../api/support/post.ts'
import { readStream } from '../../api/support/read-stream.ts'
import type { Environment } from '../../support/environment.ts'
import type { Caller } from './caller.ts'
import { detailsOf } from './details.ts'
import { type Refund, refundsOf } from './effects.ts'

export interface Story {
  readonly started: Answer<RunResource>
  readonly waiting: RunResource
  readonly approval: ApprovalResource
  readonly detailsWhileWaiting: string
  readonly refundsBefore: readonly Refund[]
  readonly decided: Answer<ApprovalResource>
  readonly ended: RunResource
  readonly refunds: readonly Refund[]
  /** What one reader saw who was there from the start to the end. */
  readonly live: readonly EventResource[]
}

/** Plays the worked example under this key: starts, watches, approves when asked, and reads on until the stream ends. */
export async function playStory(environment: Environment, caller: Caller, key: string): Promise<Story> {
  const { database, temporal } = environment
  const started = await caller.start(EXAMPLE, { 'idempotency-key': key })
  const { id } = started.body

  const live: EventResource[] = []
  let waiting: Pick<
    Story,
    'waiting' | 'approval' | 'detailsWhileWaiting' | 'refundsBefore' | 'decided'
  > | null = null
  for await (const { id: place, event, data } of readStream(caller.v1(`/runs/${id}/events`))) {
    if (place === null) continue
    live.push(eventSchema.parse(data))
    if (event !== 'approval.requested') continue
    const { body } = await caller.pendingApprovals()
    assert.equal(body.data.length, 1)
    const approval = body.data[0]
    assert.ok(approval)
    waiting = {
      approval,
      waiting: await caller.run(id),
      detailsWhileWaiting: await detailsOf(temporal.client, `support/default/${key}`, /waits for/),
      refundsBefore: await refundsOf(database, id),
      decided: await caller.decide(approval, { decision: 'approve', comment: 'The photo shows it.' }),
    }
  }
  assert.ok(waiting, 'nobody was asked')
  return {
    ...waiting,
    started,
    live,
    ended: await caller.run(id),
    refunds: await refundsOf(database, id),
  }
}

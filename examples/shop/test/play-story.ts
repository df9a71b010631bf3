import type { Client } from '@temporalio/client'
import type { StreamedEvent, TestApproval, TestRun, TestSystem } from 'holdfast/testing'
import { EXAMPLE } from '../example.ts'
import { type Refund, refundsOf } from './refunds-of.ts'
import { currentDetails } from './workflow-history.ts'

/** The demonstration's customer. */
export const CUSTOMER = 'local'

type Run = Awaited<ReturnType<TestRun['now']>>

export interface Story {
  readonly run: TestRun
  readonly waiting: Run
  readonly approval: TestApproval['resource']
  readonly pendingApprovals: number
  readonly detailsWhileWaiting: string
  readonly refundsBefore: readonly Refund[]
  readonly decided: TestApproval['resource']
  readonly ended: Run
  readonly refunds: readonly Refund[]
  /** What one reader saw who was there from the start to the end. */
  readonly live: readonly StreamedEvent[]
}

/** Plays the worked example under this key: starts, watches, approves when asked, and reads on until the stream ends. */
export async function playStory(system: TestSystem, client: Client, key: string): Promise<Story> {
  const caller = await system.as(CUSTOMER)
  const run = await system.start({ ...EXAMPLE, as: CUSTOMER, idempotencyKey: key })
  const watched = all(caller.events(run.id))
  const { resource: approval, approve } = await run.approval()
  const pending = await caller.get<{ data: object[] }>('/v1/approvals?status=pending')
  const before = {
    waiting: await run.now(),
    pendingApprovals: pending.data.length,
    detailsWhileWaiting: await currentDetails(client, `support/default/${key}`, /waits for/),
    refundsBefore: await refundsOf(system.db, run.id),
  }
  const decided = await approve({ comment: 'The photo shows it.' })
  return {
    ...before,
    run,
    approval,
    decided,
    ended: await run.end(),
    refunds: await refundsOf(system.db, run.id),
    live: await watched,
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}

import assert from 'node:assert/strict'
import type { RunEvent } from '../../../src/contracts/events/event.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { Db } from '../../../src/store/database/database.ts'
import { listEvents } from '../../../src/store/record/events.ts'
import { loadTranscript } from '../../../src/store/record/messages.ts'

/** All events of a run, having checked that their seqs count up from 1 without gaps. */
export async function eventsOf(db: Db, run: RunIdentity): Promise<RunEvent[]> {
  const events = await listEvents(db, { tenant: run.tenant, runId: run.runId, after: 0, limit: 1_000 })
  assert.deepEqual(
    events.map((event) => event.seq),
    events.map((_, place) => place + 1),
  )
  return events
}

export async function eventTypesOf(db: Db, run: RunIdentity): Promise<string[]> {
  return (await eventsOf(db, run)).map((event) => event.type)
}

/** The transcript as `seq role text`. */
export async function transcriptOf(db: Db, run: RunIdentity): Promise<string[]> {
  const entries = await loadTranscript(db, run.tenant, run.runId)
  return entries.map(({ seq, message }) => {
    const text = message.role === 'tool' ? message.content : message.text
    return `${seq} ${message.role} ${text}`
  })
}

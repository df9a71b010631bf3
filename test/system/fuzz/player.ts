import assert from 'node:assert/strict'
import type { Database } from '../../../src/store/database/database.ts'
import { makeKey } from '../../api/support/test-keys.ts'
import { notesOf, paymentsOf } from '../../support/office/effects.ts'
import { type Caller, createCaller } from '../runs/support/caller.ts'
import { FIRST_REST, hasEnded, type ModelRun, type ModelThread, type Rest } from './model.ts'
import { paymentsIn } from './script.ts'

/** Two people of one tenant: who starts runs, and who decides. */
export interface Player {
  readonly ann: Caller
  readonly bob: Caller
}

export async function createPlayer(database: Database, url: string, tenant: string): Promise<Player> {
  const callerOf = async (principal: string) =>
    createCaller(url, (await makeKey(database, { tenant, principal })).headers)
  return { ann: await callerOf('ann'), bob: await callerOf('bob') }
}

/** Waits until a run that goes on is where the model says that it gets. */
export async function goOn(player: Player, run: ModelRun, rest: Rest): Promise<void> {
  run.rest = rest
  const { ann } = player
  if (rest === 'approval') {
    const nth = run.approvals.length + 1
    const { approval_id: id } = await ann.until(run.id, 'approval.requested', nth)
    const asked = await ann.approval(String(id))
    assert.deepEqual([asked.status, asked.arguments], ['pending', paymentsIn(run.kind)[nth - 1]])
    run.approvals.push({ asked, decided: null })
  } else if (rest === 'budget') await ann.until(run.id, 'budget.reached')
  else {
    assert.equal((await ann.untilEnd(run.id)).status, rest, `${run.kind} ${run.id}`)
    if (run.thread !== null) await endTurn(player, run.thread, run)
  }
}

/** A run that begins: at once, or when its turn comes. */
export async function begin(player: Player, run: ModelRun): Promise<void> {
  run.notes = paymentsIn(run.kind).length > 0 ? 0 : 1
  await goOn(player, run, FIRST_REST[run.kind])
}

/** Takes a turn out of the order; where it was in flight, the next one begins. */
export async function endTurn(player: Player, { turns }: ModelThread, run: ModelRun): Promise<void> {
  const at = turns.indexOf(run)
  turns.splice(at, 1)
  const [next] = turns
  if (at === 0 && next !== undefined) await begin(player, next)
}

/** At the end: each run is where the model says, and has done what the model says, once. */
export async function checkRun({ ann }: Player, database: Database, run: ModelRun): Promise<void> {
  const what = `${run.kind} ${run.id}`
  const { status, required_action: required, waiting_for: waitingFor } = await ann.run(run.id)
  if (hasEnded(run)) assert.equal(status, run.rest, what)
  else if (run.rest === 'turn') assert.equal(waitingFor?.type, 'thread', what)
  else assert.equal(required?.type, run.rest, what)
  const paid = (await paymentsOf(database, run.id)).map(({ to, cents, times }) => ({ to, cents, times }))
  assert.deepEqual(
    paid,
    run.payments.map((payment) => ({ ...payment, times: 1 })),
    what,
  )
  const notes = await notesOf(database, run.id)
  assert.deepEqual(
    notes.map(({ times }) => times),
    Array(run.notes).fill(1),
    what,
  )
  for (const { asked, decided } of run.approvals) {
    const expected = decided === null ? (hasEnded(run) ? 'cancelled' : 'pending') : STATUS[decided]
    assert.equal((await ann.approval(asked.id)).status, expected, what)
  }
}

export const STATUS = { approve: 'approved', reject: 'rejected', edit: 'edited' } as const

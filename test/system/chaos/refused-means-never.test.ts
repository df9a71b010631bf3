import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ApprovalId } from '../../../src/contracts/approvals/approval.ts'
import { canonicalSha256 } from '../../../src/security/canonical-sha256.ts'
import type { Script } from '../../../src/testing/script.ts'
import { firstWords } from '../../support/office/words.ts'
import { startPlan } from '../../support/start-plan.ts'
import { seeded } from '../simulation/random.ts'
import { type ChaosSystem, startChaosSystem } from './support/chaos-system.ts'
import { openAccounts } from './support/refused/accounts.ts'
import { act } from './support/refused/act.ts'
import { checkApprovals } from './support/refused/check-approvals.ts'
import { checkCalls } from './support/refused/check-calls.ts'
import { checkEnd } from './support/refused/check-end.ts'
import { checkHistory } from './support/refused/check-history.ts'
import { checkSentDecisions } from './support/refused/check-sent-decisions.ts'
import { createDecisionSender } from './support/refused/decision-sender.ts'
import { followInbox } from './support/refused/follow-inbox.ts'
import { killAtRandom } from './support/refused/kill-at-random.ts'
import { handOutKeys, PEOPLE } from './support/refused/people.ts'
import { type PlayedRun, playedRun } from './support/refused/played-run.ts'
import { type HistoryFact, readHistory } from './support/refused/read-history.ts'
import { readRecords } from './support/refused/record.ts'
import type { Target } from './support/refused/sent-decision.ts'
import { runNumberIn, type WildRun, wildRun } from './support/refused/wild-run.ts'

/** `REFUSED_SEED=123` plays the same runs and people again; what meets what is up to the machine. */
const SEED = Number(process.env['REFUSED_SEED'] ?? Date.now() % 1_000_000)
/** `npm run prove` has more of them. */
const RUNS = Number(process.env['REFUSED_RUNS'] ?? 80)
const AT_ONCE = Math.min(100, RUNS / 2)
const SECRET = 'a secret of thirty-two characters'

const wild: readonly WildRun[] = Array.from({ length: RUNS }, (_, number) => wildRun(SEED, number))

/** Asks for the calls that its run has made up, step by step. */
const script: Script = ({ messages }) => {
  const steps = wild[Number(firstWords(messages).split(' ')[1])]?.steps
  if (steps === undefined) throw new Error('This is no run of ours')
  const calls = steps[messages.filter(({ role }) => role === 'assistant').length]
  if (calls === undefined) return { text: 'Done.' }
  return { toolCalls: calls.map(({ tool, arguments: args }) => ({ tool, arguments: args })) }
}

let system: ChaosSystem
before(async () => {
  system = await startChaosSystem(script, { secret: SECRET, keepRequests: 1 })
  await openAccounts(system.database)
})
after(() => system.close())

test(`${RUNS} runs, people who say anything, and workers that die: what was refused never happens`, async (t) => {
  t.diagnostic(`REFUSED_SEED=${SEED}`)
  const { database, temporal, caller } = system
  const { client } = temporal
  const { v1 } = caller
  const keys = await handOutKeys(database)
  const sender = createDecisionSender({ v1, client, secret: SECRET, keys })
  const played = wild.map(() => Promise.withResolvers<PlayedRun>())
  const acts: Promise<void>[] = []
  const histories = new Map<string, readonly HistoryFact[]>()
  const inbox = followInbox(v1('/approvals'), keys.watcher, (approval) => {
    const run = played[runNumberIn(approval.arguments)]
    assert.ok(run, 'somebody is asked about a run that is not ours')
    acts.push(run.promise.then((one) => act(one, approval, SEED, sender)))
  })
  const startedAt = performance.now()
  const kills = await killAtRandom(system, seeded(SEED), { workers: 2, kills: 5, everyChanges: RUNS * 2 })

  async function play(one: WildRun): Promise<void> {
    const person = { principal: one.requester, groups: PEOPLE[one.requester] }
    const started = await startPlan(database, temporal, one.plan, `Run ${one.number}`, person)
    const run = playedRun(one, started, { v1, client, headers: keys[one.requester] })
    if (one.fate === 'cancel' && one.cancelled === 'at_once') await run.cancel()
    if (one.fate === 'people' && one.number % 4 === 0) await guess(run)
    played[one.number]?.resolve(run)
    // The workflow of a run that failed or was cancelled fails too: what counts is the record.
    await client.workflow
      .getHandle(run.workflowId)
      .result()
      .catch(() => undefined)
    const tools = one.plan.tools.map(({ name }) => name)
    histories.set(run.runId, await readHistory(client, run.workflowId, tools))
  }

  /** Somebody approves what nobody has been asked about yet, or just now. */
  async function guess(run: PlayedRun): Promise<void> {
    const [call] = run.wild.steps[0] ?? []
    assert.ok(call)
    await sender.send(targetOf(run, call.arguments), {
      by: 'cat',
      decision: 'approve',
      how: 'signal',
      flaw: null,
    })
  }

  const waiting = [...wild]
  const lanes = Array.from({ length: AT_ONCE }, async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await play(one)
  })
  await Promise.all(lanes)
  await Promise.all(acts)
  inbox.stop()
  await inbox.ended
  await kills.stop()
  const runs = await Promise.all(played.map(({ promise }) => promise))
  const tookMs = performance.now() - startedAt

  const records = await readRecords(database)
  const sentTo = Map.groupBy(sender.sent, ({ runId }) => runId)
  const byNonce = new Map(sender.sent.map((decision) => [decision.nonce, decision]))
  const problems: string[] = []
  for (const run of runs) {
    const record = records.get(run.runId)
    assert.ok(record)
    for (const check of [
      () => checkEnd(run, record),
      () => checkCalls(run, record),
      () => checkHistory(run, record, histories.get(run.runId) ?? []),
      () => checkApprovals(run, record, byNonce),
      () => checkSentDecisions(run, record, sentTo.get(run.runId) ?? []),
    ]) {
      try {
        check()
      } catch (error) {
        problems.push(`run ${run.wild.number} ${run.runId} (${run.wild.fate}): ${(error as Error).message}`)
      }
    }
  }
  const counts = (values: Iterable<string>) =>
    [...Map.groupBy(values, (value) => value)].map(([value, all]) => `${value} ${all.length}`).join(', ')
  const all = [...records.values()]
  t.diagnostic(`${(tookMs / 1_000).toFixed(1)} s, ${kills.count} kills, ${sender.sent.length} decisions`)
  t.diagnostic(`runs ${counts(all.map(({ status, reason }) => `${status} ${reason ?? ''}`))}`)
  t.diagnostic(`approvals ${counts(all.flatMap(({ approvals }) => approvals.map(({ status }) => status)))}`)
  t.diagnostic(
    `causes ${counts(all.flatMap(({ approvals }) => approvals.map(({ cause, rule }) => `${cause} ${rule}`)))}`,
  )
  t.diagnostic(`refusals ${counts(all.flatMap(({ refusals }) => refusals.map(({ code }) => code)))}`)
  t.diagnostic(
    `answers ${counts(sender.sent.map(({ how, answer }) => `${how} ${answer.type === 'refused' ? answer.code : answer.type}`))}`,
  )
  t.diagnostic(
    `calls begun ${[...histories.values()].flat().filter(({ type }) => type === 'scheduled').length}`,
  )
  t.diagnostic(`effects ${all.flatMap(({ effects }) => effects).length}`)
  assert.deepEqual(problems, [])
})

function targetOf(run: PlayedRun, args: WildRun['steps'][number][number]['arguments']): Target {
  const id: ApprovalId = `apr_${run.runId.slice('run_'.length)}_1_0_0`
  return { id, runId: run.runId, workflowId: run.workflowId, argumentsSha256: canonicalSha256(args) }
}

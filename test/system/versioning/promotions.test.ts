import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { EXIT } from '../../../src/cli/exit-codes.ts'
import { firstWords } from '../../support/office/words.ts'
import { type ChaosSystem, startChaosSystem } from '../chaos/support/chaos-system.ts'
import { payAndRepeat, stepByStep } from '../chaos/support/pay-desk/scripts.ts'
import { type BuildCopy, COMPATIBLE, copyBuild, INCOMPATIBLE } from './support/build-copy.ts'
import { createTestFleet, type TestFleet } from './support/test-fleet.ts'
import { versionsOf } from './support/versions.ts'

/*
 * Three builds as real worker processes: this one, one with a compatible change, one with a change that runs under way have not seen. Runs
 * go on all the time, a fifth of them waiting for a person, while the second build is given 10, 50 and 100 % of new runs and these are
 * taken back.
 */

/** `npm run prove` plays 200. */
const RUNS = Number(process.env['VERSIONED_RUNS'] ?? 25)
const PHASES = ['before', '10', '50', '100', 'rolled back'] as const
type Phase = (typeof PHASES)[number]

interface StartedRun {
  readonly id: string
  readonly workflowId: string
  readonly phase: Phase
  readonly waits: boolean
}

let system: ChaosSystem
let fleet: TestFleet
let older: BuildCopy
let newer: BuildCopy
let broken: BuildCopy
const runs: StartedRun[] = []

before(async () => {
  older = copyBuild()
  newer = copyBuild(COMPATIBLE)
  broken = copyBuild(INCOMPATIBLE)
  system = await startChaosSystem((request) =>
    (firstWords(request.messages).startsWith('Pay') ? payAndRepeat : stepByStep)(request),
  )
  fleet = createTestFleet(system.temporal)
})
after(async () => {
  await system?.close()
  for (const build of [older, newer, broken]) build?.remove()
})

/** Starts a phase's share of the runs. A fifth of them want a payment, which a person is asked about; the others take steps. */
async function startRuns(phase: Phase): Promise<void> {
  const { caller } = system
  const count = RUNS / PHASES.length
  const before = runs.length
  const started = await Promise.all(
    Array.from({ length: count }, async (_, index): Promise<StartedRun> => {
      const waits = (before + index) % 5 === 0
      // The share of a ramp goes by the workflow's id, so the ids are the same in every test run.
      const key = `${phase.replace(' ', '-')}-${index}`
      const body = { agent: 'clerk', input: waits ? 'Pay' : 'read 3' }
      const { id } = (await caller.start(body, { 'idempotency-key': key })).body
      return { id, workflowId: `clerk/default/${key}`, phase, waits }
    }),
  )
  runs.push(...started)
  // Each has begun before the next promotion, so that it is known which build it has to end on.
  await Promise.all(
    started.map(({ id, waits }) => caller.until(id, waits ? 'approval.requested' : 'run.started')),
  )
}

test('runs end on the build that they began on, while another one is promoted step by step and rolled back', async (t) => {
  const { caller, startWorker } = system
  const workers = [
    startWorker(undefined, fleet.pinned, older.program),
    startWorker(undefined, fleet.pinned, newer.program),
  ]
  await Promise.all(workers)
  const a = await fleet.promote(older.program, '--percent', '100')
  await startRuns('before')

  const b = await fleet.promote(newer.program, '--percent', '10')
  assert.notEqual(a, b)
  await startRuns('10')
  assert.equal(await fleet.promote(newer.program, '--percent', '50'), b)
  await startRuns('50')
  assert.equal(await fleet.promote(newer.program, '--percent', '100'), b)
  await startRuns('100')
  assert.equal((await fleet.status()).current, b)

  const back = await fleet.deploy(newer.program, ['rollback'])
  assert.deepEqual([back.code, back.err], [0, ''])
  await startRuns('rolled back')
  const { current, ramp, builds } = await fleet.status()
  assert.deepEqual([current, ramp], [a, null])
  const waiting = runs.filter(({ waits }) => waits)
  assert.equal(waiting.length, RUNS / 5)
  const open = builds.reduce((sum, { openRuns }) => sum + openRuns, 0)
  assert.ok(open >= waiting.length, `${open} runs are open, and ${waiting.length} of them wait for a person`)

  for (const { id } of waiting) await caller.decide(await caller.untilWaiting(id), { decision: 'approve' })
  const shares = new Map<Phase, Map<string, number>>()
  for (const { id, workflowId, phase } of runs) {
    const { status: ended } = await caller.untilEnd(id)
    assert.equal(ended, 'completed', workflowId)
    const { builds, failedTasks } = await versionsOf(system.temporal.client, workflowId)
    assert.equal(failedTasks, 0, `${workflowId} has failed workflow tasks`)
    // One execution, and all of its tasks by one build.
    assert.equal(builds.length, 1, workflowId)
    const [[build = '', ...others] = []] = builds
    assert.deepEqual(others, [], `${workflowId} has moved`)
    const share = shares.get(phase) ?? new Map<string, number>()
    shares.set(phase, share.set(build, (share.get(build) ?? 0) + 1))
  }
  for (const phase of PHASES)
    t.diagnostic(
      `${phase}: ${shares.get(phase)?.get(a) ?? 0} on the older build, ${shares.get(phase)?.get(b) ?? 0} on the newer one`,
    )
  const count = RUNS / PHASES.length
  assert.deepEqual([...(shares.get('before') ?? [])], [[a, count]])
  assert.deepEqual([...(shares.get('100') ?? [])], [[b, count]])
  assert.deepEqual([...(shares.get('rolled back') ?? [])], [[a, count]])
  for (const phase of ['10', '50'] as const)
    assert.deepEqual(
      [...(shares.get(phase) ?? new Map()).keys()].filter((id) => id !== a && id !== b),
      [],
    )
  assert.ok((shares.get('50')?.get(b) ?? 0) > 0, 'half of the new runs went to the newer build')
  assert.ok((shares.get('50')?.get(a) ?? 0) > 0, 'the other half did not')
})

test('the API sees versioned workers: its readiness has no warning of missing ones', async () => {
  const response = await fetch(new URL('/ready', system.caller.v1('/runs')))
  const { warnings = [] } = (await response.json()) as { warnings?: readonly { pointer: string }[] }
  assert.equal(response.status, 200)
  assert.deepEqual(
    warnings.filter(({ pointer }) => pointer === '/worker'),
    [],
  )
})

test('a build on which recent runs do not replay is refused, and the runs are named', async () => {
  await system.startWorker(undefined, fleet.pinned, broken.program)
  const before = await fleet.status()
  const { code, out, err } = await fleet.deploy(broken.program, ['promote', '--percent', '10'])
  assert.equal(code, 1)
  assert.match(out, /(\d+) histories replayed, \1 failed\./)
  assert.match(out, /FAIL {2}clerk\/default\/\S+\n +\[TMPRL1100\]/)
  assert.match(err, /is not promoted: runs like these would stand still on it/)
  const { current, ramp } = await fleet.status()
  assert.deepEqual([current, ramp], [before.current, before.ramp])
})

test('it goes past the gate by force, on the record', async () => {
  const force = ['--force', '--reason', 'All runs are pinned']
  await fleet.promote(broken.program, '--percent', '1', ...force)
  const table = (await fleet.deploy(older.program, ['status'])).out
  assert.match(table, /promoted to 1 % .*, forced: All runs are pinned/)
  assert.match(table, /1 % of them on/)
  const json = (await fleet.deploy(older.program, ['status', '--json'])).out
  assert.deepEqual(JSON.parse(json), await fleet.status())
})

test('a rollback ends the ramp and leaves the current build; repeated, it changes nothing', async () => {
  const { current } = await fleet.status()
  for (const expected of [/all begin on/, /already/]) {
    const { code, out } = await fleet.deploy(older.program, ['rollback'])
    assert.match(out, expected)
    assert.equal(code, 0)
    const after = await fleet.status()
    assert.deepEqual([after.current, after.ramp], [current, null])
  }
})

test('what cannot be done is said in words, and changes nothing', async () => {
  const before = await fleet.status()
  const other = before.builds.find(({ id }) => id !== before.current)?.id ?? ''
  const cases: readonly [readonly string[], RegExp, number][] = [
    [['promote', 'nobody000000'], /has no build nobody000000/, EXIT.notFound],
    [['promote', other], /cannot replay histories on/, EXIT.refused],
    [['promote', String(before.current), '--percent', '10'], /is the current build/, EXIT.refused],
    [['drain', String(before.current)], /New runs begin on/, EXIT.refused],
    [[], /What is to be done\?/, EXIT.usage],
  ]
  for (const [args, message, exitCode] of cases) {
    const { code, err } = await fleet.deploy(older.program, args)
    assert.match(err, message, args.join(' '))
    assert.equal(code, exitCode, args.join(' '))
  }
  const { builds: _, ...after } = await fleet.status()
  assert.deepEqual([after.current, after.ramp], [before.current, before.ramp])
})

test('a build without workers on the task queue is given no runs', async () => {
  const { code, err } = await fleet.deploy(newer.program, ['promote'], {
    TEMPORAL_TASK_QUEUE: 'nobody-is-here',
  })
  assert.match(err, /No worker of build \w{12} asks for work on task queue nobody-is-here/)
  assert.equal(code, EXIT.unavailable)
})

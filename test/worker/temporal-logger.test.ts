import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { createOutageWatch } from '../../src/store/database/outage-watch.ts'
import { temporalLogger } from '../../src/worker/temporal-logger.ts'
import { createTemporalWatch } from '../../src/worker/temporal-watch.ts'

type Row = Record<string, unknown>

function recorder(level = 'info') {
  const rows: Row[] = []
  const logger = pino(
    { level, base: null, timestamp: false },
    { write: (line) => rows.push(JSON.parse(line)) },
  )
  return { logger, rows }
}

const AWAY = 'Status { code: Unavailable, message: "tcp connect error", source: None }'

test('the tries of all pollers while Temporal is away are one line when it goes and one when it is back', async () => {
  const { logger, rows } = recorder()
  const facts: unknown[] = []
  const listener = { began: () => facts.push('began'), ended: (ms: number) => facts.push(typeof ms) }
  const back = Promise.withResolvers<void>()
  const watch = createTemporalWatch(
    createOutageWatch(
      logger,
      { ...listener, ended: (ms) => back.resolve(void listener.ended(ms)) },
      'Temporal',
    ),
    1,
  )
  let isAway = true
  let looks = 0
  watch.lookBy(async () => {
    if (++looks > 5) isAway = false
    if (isAway) throw new Error('connection refused')
  })
  const sdk = temporalLogger(logger, watch)
  for (let n = 5; n < 40; n++) {
    sdk.warn(`gRPC call poll_activity_task_queue retried ${n} times`, { sdkComponent: 'core', error: AWAY })
    sdk.warn(`gRPC call poll_workflow_task_queue retried ${n} times`, { sdkComponent: 'core', error: AWAY })
  }
  await back.promise
  assert.deepEqual(
    rows.map(({ level, msg }) => [level, msg]),
    [
      [40, 'Temporal is away. What needs it is repeated until it is back.'],
      [30, 'Temporal is back.'],
    ],
  )
  assert.equal(typeof rows[1]?.['durationMs'], 'number')
  assert.match(JSON.stringify(rows[0]?.['err']), /code: Unavailable/)
  assert.deepEqual(facts, ['began', 'number'])
})

test('an outage that comes again is told again', async () => {
  const { logger, rows } = recorder()
  let resolve = () => undefined as unknown
  const watch = createTemporalWatch(
    createOutageWatch(logger, { began: () => undefined, ended: () => resolve() }, 'Temporal'),
    1,
  )
  watch.lookBy(async () => undefined)
  for (let n = 0; n < 2; n++) {
    const back = new Promise<void>((done) => {
      resolve = done
    })
    watch.lost(new Error('gone'))
    await back
  }
  assert.equal(rows.length, 4)
})

test('a call that Temporal refuses over and over is no outage, and is folded', () => {
  const { logger, rows } = recorder()
  const sdk = temporalLogger(logger, { lost: () => assert.fail('it is there') })
  for (let n = 5; n < 40; n++) {
    sdk.warn(`gRPC call poll_activity_task_queue retried ${n} times`, {
      error: 'Status { code: ResourceExhausted, message: "namespace rate limit" }',
    })
  }
  assert.equal(rows.length, 1)
})

test('the SDK’s fields have the product’s names, and what it calls a run is an execution', () => {
  const { logger, rows } = recorder()
  const sdk = temporalLogger(logger, { lost: assert.fail })
  sdk.error('Activity not found', {
    runId: '8b1c',
    workflowId: 'support/acme/run_1',
    activityType: 'callModel',
    attempt: 2,
    isLocal: false,
    error: new Error('x'),
  })
  const { err, ...row } = rows[0] ?? {}
  assert.deepEqual(row, {
    level: 50,
    executionId: '8b1c',
    workflowId: 'support/acme/run_1',
    activity: 'callModel',
    attempt: 2,
    sdk: { isLocal: false },
    msg: 'Activity not found',
  })
  assert.equal((err as Row)['message'], 'x')
})

test('a failed attempt, which its activity tells of, has the SDK’s line at level debug alone', () => {
  const { logger, rows } = recorder('debug')
  const sdk = temporalLogger(logger, { lost: assert.fail })
  sdk.warn('Activity failed', { activityType: 'callModel', error: new Error('x') })
  sdk.warn('Workflow task failed', {})
  assert.deepEqual(
    rows.map(({ level, msg }) => [level, msg]),
    [
      [20, 'Activity failed'],
      [40, 'Workflow task failed'],
    ],
  )
})

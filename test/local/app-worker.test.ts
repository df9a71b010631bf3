import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Worker } from '@temporalio/worker'
import { pino } from 'pino'
import type { RegisteredActivities } from '../../src/activities/index.ts'
import type { App, Outside } from '../../src/app/app.ts'
import { startAppWorker } from '../../src/local/app-worker.ts'
import { APP_TIMING } from '../../src/policies/app-timing.ts'

/** A worker that runs until it is shut down. */
function fakeWorker(): Worker {
  const { promise, resolve } = Promise.withResolvers<void>()
  const worker: Pick<Worker, 'run' | 'shutdown' | 'getState'> = {
    run: () => promise,
    shutdown: () => resolve(),
    getState: () => 'RUNNING',
  }
  return worker as Worker
}

const outsideOf = (dispose: () => Promise<void>): Outside & AsyncDisposable => ({
  env: {},
  services: {},
  [Symbol.asyncDispose]: dispose,
})

function appOf(name: string): App {
  return { name, environment: { open: async () => outsideOf(async () => undefined) } } as unknown as App
}

for (const [what, dispose] of [
  ['fail to close', () => Promise.reject(new Error('stuck'))],
  ['never close', () => new Promise<void>(() => undefined)],
] as const) {
  it(`the next state of an application runs although services of the last one ${what}`, async ({ mock }) => {
    const log: string[] = []
    const { promise: replaced, resolve } = Promise.withResolvers<string>()
    const worker = await startAppWorker({
      app: appOf('first'),
      outside: outsideOf(dispose),
      providers: [],
      logger: pino({ level: 'warn' }, { write: (line: string) => log.push(line) }),
      activitiesOf: () => ({}) as RegisteredActivities,
      createWorker: async () => fakeWorker(),
      onReplaced: ({ name }) => resolve(name),
    })
    mock.timers.enable({ apis: ['setTimeout'] })
    const replacing = worker.replace(appOf('second'), { appEnv: {}, providers: [] })
    assert.equal(await replaced, 'second')
    // The clock starts in the same turn in which the replacement is reported, before this test goes on.
    mock.timers.tick(APP_TIMING.closeMs)
    await replacing
    assert.match(log.join(''), /services of the application before the change did not close/)
    await worker.stop()
  })
}

import type { Worker } from '@temporalio/worker'
import type { Logger } from 'pino'
import type { RegisteredActivities } from '../activities/index.ts'
import type { App, Outside } from '../app/app.ts'
import { within } from '../app/within.ts'
import type { Config } from '../config/config.ts'
import { APP_TIMING } from '../policies/app-timing.ts'

/** What a state of the application is run with. */
export interface AppState {
  /** Its variables, as its schema has parsed them; for an application without any they may be left out. */
  readonly appEnv?: unknown
  /** The providers that it can ask; those of the first state where they are left out. */
  readonly providers?: Config['providers']
}

export interface AppWorker {
  /** Resolves if the worker stops without being asked; rejects with what broke it. */
  readonly ended: Promise<void>
  /**
   * Replaces the worker by one of a later state of the application; where that one cannot be made, the old one stays. Calls under way
   * end with the old worker, or are made again by the new one, as after any worker's end.
   */
  replace(app: App, state: AppState): Promise<void>
  stop(): Promise<void>
}

export interface AppWorkerOptions {
  readonly app: App
  readonly outside: Outside & AsyncDisposable
  readonly providers: Config['providers']
  readonly logger: Logger
  readonly activitiesOf: (app: App, outside: Outside, providers: Config['providers']) => RegisteredActivities
  readonly createWorker: (activities: RegisteredActivities) => Promise<Worker>
  /** Called once a worker of a later state of the application runs. */
  readonly onReplaced: (app: App, outside: Outside) => void
}

interface Running {
  readonly activities: RegisteredActivities
  readonly outside: AsyncDisposable
  stop(): Promise<void>
}

/** Starts a worker that can be restarted with a later state of its application. It disposes of the application's services. */
export async function startAppWorker(options: AppWorkerOptions): Promise<AppWorker> {
  const { activitiesOf, createWorker, onReplaced } = options
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>()
  // Without a handler of its own, a failure that nobody awaits would end the process as an unhandled rejection.
  ended.catch(() => undefined)

  async function run(activities: RegisteredActivities, outside: AsyncDisposable): Promise<Running> {
    const worker = await createWorker(activities)
    let stopRequested = false
    const running = worker.run()
    running.then(() => stopRequested || resolve(), reject)
    return {
      activities,
      outside,
      async stop() {
        stopRequested = true
        if (worker.getState() === 'RUNNING') worker.shutdown()
        await running
      },
    }
  }

  async function start(): Promise<Running> {
    try {
      return await run(activitiesOf(options.app, options.outside, options.providers), options.outside)
    } catch (error) {
      await options.outside[Symbol.asyncDispose]()
      throw error
    }
  }

  let current = await start()
  return {
    ended,
    async replace(app, { appEnv = {}, providers = options.providers }) {
      await using cleanup = new AsyncDisposableStack()
      const outside = cleanup.use(await app.environment.open(appEnv))
      const activities = activitiesOf(app, outside, providers)
      const old = current
      // Two workers of one process cannot share a task queue, so the old one stops first.
      await old.stop()
      try {
        current = await run(activities, outside)
      } catch (error) {
        current = await run(old.activities, old.outside)
        throw error
      }
      onReplaced(app, outside)
      cleanup.move()
      await closeEarlier(old.outside, options.logger)
    },
    async stop() {
      await current.stop()
      await current.outside[Symbol.asyncDispose]()
    },
  }
}

/** The worker of the next state runs already, so services that fail to close, or never do, are no failure of the replacement. */
async function closeEarlier(outside: AsyncDisposable, logger: Logger): Promise<void> {
  try {
    const late = `Not closed within ${APP_TIMING.closeMs / 1000} s`
    await within(APP_TIMING.closeMs, () => outside[Symbol.asyncDispose](), late)
  } catch (err) {
    logger.warn({ err }, 'services of the application before the change did not close')
  }
}

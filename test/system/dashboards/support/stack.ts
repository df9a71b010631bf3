import { makeKey } from '../../../api/support/test-keys.ts'
import { startInstallation } from '../../../support/installation.ts'
import type { Pages } from '../../../support/prometheus/pages.ts'
import { createCaller } from '../../runs/support/caller.ts'
import { playHour } from './play-hour.ts'
import { script } from './script.ts'

/** The installation whose dashboards are looked at. */
export interface Stack extends AsyncDisposable {
  readonly pages: Pages
  readonly taskQueue: string
  /** Has everything happen that a panel shows; no hour is played twice. */
  play(hour: string): Promise<void>
}

const APP = 'test/system/dashboards/support/app.ts'

/** @param logs a directory for its logs */
export async function startStack(logs: string): Promise<Stack> {
  await using cleanup = new AsyncDisposableStack()
  const installation = cleanup.use(await startInstallation({ script, app: APP, logs }))
  const { temporal, database, apiUrl, pages } = installation
  const callerOf = async (principal: string) =>
    createCaller(apiUrl, (await makeKey(database, { principal })).headers)
  const office = { temporal, caller: await callerOf('ann'), decider: await callerOf('bob') }
  const running = cleanup.move()
  return {
    pages,
    taskQueue: temporal.taskQueue,
    play: (hour) => playHour(office, hour),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

import assert from 'node:assert/strict'
import { post } from '../../../api/support/post.ts'
import { makeKey } from '../../../api/support/test-keys.ts'
import { startInstallation } from '../../../support/installation.ts'
import type { Pages } from '../../../support/prometheus/pages.ts'
import { createCaller } from '../../runs/support/caller.ts'
import { startReceiver } from '../../webhooks/support/receiver.ts'
import { playHour } from './play-hour.ts'
import { script } from './script.ts'

/** The installation whose dashboards are looked at. A webhook hears of the runs that complete. */
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
  const hooks = await startReceiver()
  cleanup.defer(() => hooks.close())
  const variables = { HOLDFAST_WEBHOOK_HOSTS: hooks.host }
  const installation = cleanup.use(await startInstallation({ script, app: APP, variables, logs }))
  const { temporal, database, apiUrl, pages } = installation
  const ann = await makeKey(database, { principal: 'ann' })
  const bob = await makeKey(database, { principal: 'bob' })
  const webhook = { url: hooks.url, events: ['run.completed'] }
  assert.equal((await post(`${apiUrl}/v1/webhooks`, webhook, ann.headers)).status, 201)
  const office = {
    temporal,
    caller: createCaller(apiUrl, ann.headers),
    decider: createCaller(apiUrl, bob.headers),
  }
  const running = cleanup.move()
  return {
    pages,
    taskQueue: temporal.taskQueue,
    play: (hour) => playHour(office, hour),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../../../../src/config/config.ts'

const WATCHED = fileURLToPath(new URL('./watched-api.ts', import.meta.url))

export interface WatchedApi {
  readonly url: string
  /** The longest turn of its event loop since it was asked last, in milliseconds of processor time. */
  longestTurnMs(): Promise<number>
  close(): Promise<void>
}

/** An API over a store, as a process that knows how long its event loop was held up. */
export async function startWatchedApi(databaseUrl: string): Promise<WatchedApi> {
  const child = fork(WATCHED, { execArgv: ['--conditions=source'], env: childEnvironment() })
  const ended = once(child, 'exit')
  const asked = async (message: string): Promise<unknown> => {
    const answered = once(child, 'message')
    child.send(message)
    const [answer] = await Promise.race([
      answered,
      ended.then(() => Promise.reject(new Error('The API has ended.'))),
    ])
    return answer
  }
  return {
    url: String(await asked(databaseUrl)),
    longestTurnMs: async () => Number(await asked('measure')),
    async close() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

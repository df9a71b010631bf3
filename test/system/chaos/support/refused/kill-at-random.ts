import { EVENT_CHANNEL } from '../../../../../src/store/record/events.ts'
import type { ListeningProcess } from '../../../../support/holdfast-process.ts'
import type { Random } from '../../../simulation/random.ts'
import type { ChaosSystem } from '../chaos-system.ts'

export interface Kills {
  /** How many there have been. */
  readonly count: number
  /** No more of them; resolves when the workers that are there then run. */
  stop(): Promise<void>
}

/**
 * Keeps workers running and kills one of them at random whenever the runs have changed so many times again, more or less: by
 * the store's own notices, so that it happens in the thick of it on every machine.
 */
export async function killAtRandom(
  { database, startWorker }: ChaosSystem,
  random: Random,
  { workers, kills, everyChanges }: { workers: number; kills: number; everyChanges: number },
): Promise<Kills> {
  const running: ListeningProcess[] = await Promise.all(Array.from({ length: workers }, () => startWorker()))
  const starting = new Set<Promise<void>>()
  let left = kills
  let changes = 0
  let next = gap()

  function gap(): number {
    return Math.round(everyChanges * (0.5 + random.next()))
  }

  async function replace(doomed: ListeningProcess): Promise<void> {
    await doomed.kill()
    running.push(await startWorker())
  }

  const unlisten = await database.listen(EVENT_CHANNEL, () => {
    changes += 1
    if (left === 0 || changes < next) return
    const doomed = running.length === 0 ? undefined : running.splice(random.below(running.length), 1)[0]
    if (doomed === undefined) return
    left -= 1
    next = changes + gap()
    const replaced = replace(doomed).finally(() => starting.delete(replaced))
    starting.add(replaced)
  })

  return {
    get count() {
      return kills - left
    },
    async stop() {
      kills -= left
      left = 0
      await unlisten()
      await Promise.all(starting)
    },
  }
}

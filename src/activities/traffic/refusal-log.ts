import type { Logger } from 'pino'
import { REFUSAL_LOG } from '../../policies/models/concurrency.ts'
import { CallRefused, type TrafficCall, type TrafficGate } from './traffic.ts'

interface Episode {
  readonly about: Readonly<Record<string, string>>
  readonly beganAt: number
  refused: number
  lastAt: number
}

/**
 * Logs when calls of a model begin to be held back, and when none was for a while: two lines, however many calls it is.
 *
 * @param now milliseconds of a clock that never goes back
 */
export function logRefusals(
  gate: TrafficGate,
  logger: Pick<Logger, 'info' | 'warn'>,
  now: () => number = () => performance.now(),
): TrafficGate {
  const episodes = new Map<string, Episode>()

  function note({ provider, model, run }: TrafficCall, { code, limit }: CallRefused): void {
    const about = { provider, model, code, ...(limit !== null && { limit }) }
    const key = JSON.stringify(about)
    const known = episodes.get(key)
    const at = now()
    if (known !== undefined) {
      known.refused += 1
      known.lastAt = at
      return
    }
    const episode = { about, beganAt: at, refused: 1, lastAt: at }
    episodes.set(key, episode)
    logger.warn({ ...about, tenant: run.tenant }, 'model calls are held back')
    endWhenQuiet(key, episode, REFUSAL_LOG.quietForMs)
  }

  function endWhenQuiet(key: string, episode: Episode, inMs: number): void {
    setTimeout(() => {
      const quietMs = now() - episode.lastAt
      if (quietMs < REFUSAL_LOG.quietForMs)
        return endWhenQuiet(key, episode, REFUSAL_LOG.quietForMs - quietMs)
      episodes.delete(key)
      const durationMs = Math.round(episode.lastAt - episode.beganAt)
      logger.info(
        { ...episode.about, count: episode.refused, durationMs },
        'model calls are no longer held back',
      )
    }, inMs).unref()
  }

  return {
    async enter(call) {
      try {
        return await gate.enter(call)
      } catch (error) {
        if (error instanceof CallRefused) note(call, error)
        throw error
      }
    },
  }
}

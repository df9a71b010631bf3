import type { Logger } from 'pino'
import type { LiveProcess, ProcessFacts } from '../../contracts/processes/process.ts'
import { PRESENCE } from '../../policies/operations/processes.ts'
import type { Db } from '../database/database.ts'
import { newProcessId } from './process-id.ts'
import { announceProcess, forgetProcess } from './processes.ts'

export interface Presence {
  readonly self: LiveProcess
  /** The other processes of the task queue, as they were last seen. */
  readonly peers: () => readonly LiveProcess[]
  /** Removes the process's row, so that the others see at once that it is gone. */
  stop(): Promise<void>
}

interface PresenceOptions {
  /** A new one where none is given. */
  readonly id?: string
  readonly kind: LiveProcess['kind']
  readonly taskQueue: string
  readonly facts: ProcessFacts
  /** Read anew each time the process is announced. */
  readonly concurrency?: () => ProcessFacts['concurrency']
  readonly logger: Pick<Logger, 'error' | 'debug'>
}

/**
 * Announces this process and its configuration every few seconds, and logs an error for each process with another secret: it would refuse
 * decisions that this one signs.
 */
export function keepPresence(
  db: Db,
  { id = newProcessId(), kind, taskQueue, facts, concurrency, logger }: PresenceOptions,
): Presence {
  const self: LiveProcess = { id, kind, facts }
  const reported = new Set<string>()
  let peers: readonly LiveProcess[] = []

  async function announce(): Promise<void> {
    try {
      const present = concurrency?.()
      const process = { ...self, facts: { ...facts, ...(present && { concurrency: present }) } }
      peers = await announceProcess(db, { process, taskQueue, ...PRESENCE })
    } catch (err) {
      // Debug level, since the outage watch logs that the store is away.
      logger.debug({ err }, 'presence not announced')
      return
    }
    for (const peer of peers.filter((one) => one.facts.secret !== facts.secret)) {
      if (reported.has(peer.id)) continue
      reported.add(peer.id)
      logger.error({ processId: peer.id, kind: peer.kind }, 'another process has a different HOLDFAST_SECRET')
    }
  }

  let announcing = announce()
  const timer = setInterval(() => {
    announcing = announcing.then(announce)
  }, PRESENCE.everyMs)
  return {
    self,
    peers: () => peers,
    async stop() {
      clearInterval(timer)
      await announcing
      await forgetProcess(db, self.id).catch((err: unknown) =>
        logger.debug({ err }, 'presence not withdrawn'),
      )
    },
  }
}

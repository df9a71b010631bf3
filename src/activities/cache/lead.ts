import { CACHE_LEASES } from '../../policies/answer-cache.ts'
import { type KeepAnswer, keepAnswer } from '../../store/cache/keep-answer.ts'
import { type CacheLead, declineLead, leaveLead, renewLead } from '../../store/cache/leases.ts'
import type { Dependencies } from '../dependencies.ts'

/** The lead of a call that asks a model for all runs that have the same question. None of its functions rejects. */
export interface Lead {
  /** Gives the answer to those who wait, and to those who ask later. */
  keep(answer: Omit<KeepAnswer, 'lead'>): Promise<void>
  /** Lets those who wait ask by themselves, since they may not be given the answer. */
  decline(): Promise<void>
  /** Has to be called at the end. Without an answer, one of those who wait asks next. */
  end(): Promise<void>
}

/** Keeps a lead that was won alive. Whatever fails costs a later call a request, and never this call its answer. */
export function holdLead(
  lead: CacheLead,
  { database, logger }: Pick<Dependencies, 'database' | 'logger'>,
): Lead {
  const quietly = (what: string, work: Promise<unknown>): Promise<void> =>
    work.then(
      () => undefined,
      (err: unknown) => logger.warn({ err }, what),
    )
  const timer = setInterval(
    () => quietly('a lead of the cache was not renewed', renewLead(database, lead)),
    CACHE_LEASES.renewEveryMs,
  )
  return {
    keep: (answer) => quietly('an answer was not kept', keepAnswer(database, { ...answer, lead })),
    decline: () => quietly('a lead of the cache was not declined', declineLead(database, lead)),
    end() {
      clearInterval(timer)
      return quietly('a lead of the cache was not left', leaveLead(database, lead))
    },
  }
}

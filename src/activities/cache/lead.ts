import { CACHE_LEASES } from '../../policies/models/answer-cache.ts'
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
  let isOver = false
  const quietly = async (work: Promise<unknown>, ends: boolean): Promise<void> => {
    try {
      await work
      isOver ||= ends
    } catch (err) {
      logger.warn({ err }, 'the answer cache could not be changed')
    }
  }
  const timer = setInterval(() => quietly(renewLead(database, lead), false), CACHE_LEASES.renewEveryMs)
  return {
    keep: (answer) => quietly(keepAnswer(database, { ...answer, lead }), true),
    decline: () => quietly(declineLead(database, lead), true),
    async end() {
      clearInterval(timer)
      if (!isOver) await quietly(leaveLead(database, lead), true)
    },
  }
}

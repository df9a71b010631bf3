import { closeRun } from '../../store/runs/close-run.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Held } from './accepted-runs.ts'
import { whatThereIs } from './what-there-is.ts'

/** Ends the run in the store. A run that ends without an answer is given one from its record. */
export function createCloseRun({ database }: Pick<Dependencies, 'database'>): Held<'closeRun'>['closeRun'] {
  return async (input) => {
    const { failedHops = [], answer: given, ...close } = input
    const answer = given?.fromRecord ? await whatThereIs(database, { ...input, answer: given }) : given
    return closeRun(database, { ...close, failedHops, ...(answer !== undefined && { answer }) })
  }
}

import type { ErrorCode } from '../../contracts/error-codes.ts'
import { callingAgent } from '../../contracts/runs/agents-of-plan.ts'
import { noteToolResults } from '../../store/tools/note-tool-results.ts'
import { toFactRun } from '../../telemetry/fact-run.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Held } from '../runs/accepted-runs.ts'
import { Forged } from '../runs/forged.ts'
import { noteMessage } from '../tool-message.ts'

/**
 * Stores results that the run gives in place of its tools: of denied calls, of calls that came to nothing, and of handoffs.
 *
 * @throws Forged `not_decided` for a note with a person's words, which only a decision may bring
 */
export function createNoteToolResults({
  database,
  telemetry,
}: Pick<Dependencies, 'database' | 'telemetry'>): Held<'noteToolResults'>['noteToolResults'] {
  return async ({ run, step, notes }, { plan }) => {
    if (notes.some(({ message }) => message !== undefined)) throw new Forged('not_decided')
    const { noted, atMs, handedBy } = await noteToolResults(database, {
      run,
      step,
      notes: notes.map((note) => {
        const code = note.handoff === undefined ? (note.code ?? 'tool_failed') : null
        return {
          seq: note.seq,
          index: note.index,
          message: noteMessage(code === null ? note : { ...note, code }),
          code,
          handoff: note.handoff ?? null,
          rule: note.rule ?? null,
        }
      }),
    })
    for (const { index, tool, callId, handoff: to, code, rule } of notes) {
      if (!noted.includes(index)) continue
      const about = { run: toFactRun(run), agent: callingAgent(plan, handedBy), step, index, tool }
      if (to !== undefined) telemetry.record({ type: 'agent.handed_off', ...about, to, atMs })
      else if (isRefusal(code))
        telemetry.record({
          type: 'tool.refused',
          ...about,
          callId,
          code,
          ...(rule !== undefined && { rule }),
        })
    }
  }
}

/** Whether the call was never made. Attempts of a call that came to nothing have told of themselves. */
function isRefusal(code: ErrorCode | undefined): code is ErrorCode {
  return code !== undefined && code !== 'tool_failed'
}

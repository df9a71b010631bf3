import type { OpenRunInput } from '../../contracts/activities.ts'
import type { RecordBudgetInput } from '../../contracts/budget.ts'
import type { CloseRunInput, RecordModelWaitInput } from '../../contracts/ending.ts'
import { isSameJson } from '../../contracts/json.ts'
import type { RunPlan } from '../../contracts/plan.ts'
import { teamOf } from '../../contracts/read-plan.ts'
import type { NoteToolResultsInput } from '../../contracts/tool-call.ts'
import { toWorkflowPlan, wholePlan } from '../../contracts/workflow-plan.ts'
import { recordBudget } from '../../store/budgets/record-budget.ts'
import { recordModelWait } from '../../store/models/record-model-wait.ts'
import { closeRun } from '../../store/runs/close-run.ts'
import { markRunStarted } from '../../store/runs/mark-run-started.ts'
import { noteToolResults as storeNotes } from '../../store/tools/note-tool-results.ts'
import type { Dependencies } from '../dependencies.ts'
import { noteMessage } from '../tool-message.ts'
import type { AcceptedRun, Held } from './accepted-runs.ts'
import { Forged } from './forged.ts'
import { whatThereIs } from './what-there-is.ts'

type Bookkeeping = Held<'openRun' | 'noteToolResults' | 'recordBudget' | 'recordModelWait' | 'closeRun'>

/** The activities that only write down what the workflow has decided: one statement each, safe to repeat. */
export function createBookkeeping({ database }: Pick<Dependencies, 'database'>): Bookkeeping {
  return {
    async openRun({ run, plan: given }: OpenRunInput, { plan: accepted }: AcceptedRun) {
      const plan = accepted ?? wholePlan(given)
      if (plan === null || !isSameJson(toWorkflowPlan(given), toWorkflowPlan(plan)))
        throw new Forged('other_plan')
      const { cancelRequested } = await markRunStarted(database, { run, plan })
      return cancelRequested ? { cancelRequested } : undefined
    },

    async noteToolResults({ run, step, notes }: NoteToolResultsInput) {
      // A person's words come with a decision, and never in a note.
      if (notes.some(({ message }) => message !== undefined)) throw new Forged('not_decided')
      await storeNotes(database, {
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
    },

    recordBudget: (input: RecordBudgetInput) => recordBudget(database, input),

    recordModelWait: (input: RecordModelWaitInput) => recordModelWait(database, input),

    async closeRun(input: CloseRunInput, { plan }: AcceptedRun) {
      const { failedHops = [], answer: given, ...close } = input
      const answer = given?.fromRecord
        ? await whatThereIs(database, {
            ...input,
            answer: { ...given, ...degradedAnswer(plan, given.degradedOf) },
          })
        : given
      return closeRun(database, { ...close, failedHops, ...(answer !== undefined && { answer }) })
    },
  }
}

/** The words that this agent has for when no model answers. */
function degradedAnswer(plan: RunPlan | null, name?: string): { readonly text?: string } {
  if (plan === null || name === undefined) return {}
  const agent = teamOf(plan).find((one) => one.agent.name === name)
  if (agent === undefined) throw new Forged('other_plan')
  return { text: agent.degradedAnswer }
}

import { LOOK_UP, MISS, SMALL_PAY, sayInTurn } from '../../../support/office/scripts.ts'
import { clerkPlan, withTool } from '../../../support/office.ts'
import type { Scenario, Stage } from './scenario.ts'

/** Calls that do not go well. */
export const tools = {
  'calls-refused': {
    shows: 'a tool that is not there, arguments that do not fit, and a file that is not found',
    ends: 'completed',
    async play({ answerWith, startPlan }) {
      const calls = [{ tool: 'no_such_tool', arguments: {} }, { tool: 'look_up', arguments: {} }, MISS]
      answerWith(sayInTurn({ toolCalls: calls }, { text: 'None of that worked.' }))
      return startPlan(clerkPlan(), 'Find my file.')
    },
  },

  denied: {
    shows: 'the policy denies a call; the model is told so',
    ends: 'completed',
    async play({ answerWith, startPlan }) {
      answerWith(sayInTurn({ toolCalls: [SMALL_PAY, LOOK_UP] }, { text: 'I may not do that.' }))
      const plan = withTool(clerkPlan(), 'pay', { approval: { rules: [], otherwise: 'deny' } })
      return startPlan(plan, 'A payment, please.')
    },
  },

  'tool-failed': {
    shows: 'no attempt of a look-up ends in time; the model is told so',
    ends: 'completed',
    async play(stage) {
      stage.answerWith(sayInTurn({ toolCalls: [LOOK_UP] }, { text: 'I cannot see it.' }))
      const plan = withTool(clerkPlan(), 'look_up', { timeoutMs: 200, attempts: 2 })
      return whileTheOfficeIsLocked(stage, async () => {
        const started = await stage.startPlan(plan, 'What do the files say?')
        await stage.caller.until(started.runId, 'tool.failed')
        return started
      })
    },
  },

  'outcome-unknown-repeated': {
    shows: 'nobody sees how a call ended that may not be repeated; a person has it made again',
    ends: 'completed',
    play: (stage) => loseAnOutcome(stage, 'approve'),
  },

  'outcome-unknown-left': {
    shows: 'the same, and a person leaves it',
    ends: 'completed',
    play: (stage) => loseAnOutcome(stage, 'reject'),
  },
} as const satisfies Record<string, Scenario>

async function loseAnOutcome(stage: Stage, decision: 'approve' | 'reject') {
  const { caller, answerWith, startPlan } = stage
  answerWith(sayInTurn({ toolCalls: [SMALL_PAY] }, { text: 'That is settled.' }))
  const plan = withTool(clerkPlan(), 'pay', { idempotency: 'none', timeoutMs: 500 })
  const { started, approval } = await whileTheOfficeIsLocked(stage, async () => {
    const started = await startPlan(plan, 'A payment, please.')
    return { started, approval: await caller.untilWaiting(started.runId) }
  })
  await caller.decide(approval, { decision })
  return started
}

/** Tools that read a file or pay wait meanwhile. */
async function whileTheOfficeIsLocked<T>({ environment }: Stage, work: () => Promise<T>): Promise<T> {
  const locked = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const holding = environment.database.transaction(async (tx) => {
    await tx.query({ text: 'lock table office_files, office_payments in access exclusive mode' })
    locked.resolve()
    await done.promise
  })
  await Promise.race([locked.promise, holding])
  try {
    return await work()
  } finally {
    done.resolve()
    await holding
  }
}

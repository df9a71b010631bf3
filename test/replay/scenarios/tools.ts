import type { RunPlan } from '../../../src/contracts/plan.ts'
import type { PlannedTool } from '../../../src/contracts/tool.ts'
import { supportPlan } from '../../support/environment.ts'
import type { Scenario, Stage } from './scenario.ts'
import { LOOK_UP, SMALL_REFUND, sayInTurn } from './script-steps.ts'

/** Calls that do not go well. */
export const tools = {
  'calls-refused': {
    shows: 'a tool that is not there, arguments that do not fit, and an order that is not found',
    ends: 'completed',
    async play({ answerWith, startPlan }) {
      const calls = [
        { tool: 'no_such_tool', arguments: {} },
        { tool: 'get_order', arguments: {} },
        { tool: 'get_order', arguments: { order_number: 'L-10000' } },
      ]
      answerWith(sayInTurn({ toolCalls: calls }, { text: 'None of that worked.' }))
      return startPlan(supportPlan(), 'Find my order.')
    },
  },

  denied: {
    shows: 'the policy denies a call; the model is told so',
    ends: 'completed',
    async play({ answerWith, startPlan }) {
      answerWith(sayInTurn({ toolCalls: [SMALL_REFUND, LOOK_UP] }, { text: 'I may not do that.' }))
      const plan = withTool('issue_refund', { approval: { rules: [], otherwise: 'deny' } })
      return startPlan(plan, 'A refund, please.')
    },
  },

  'tool-failed': {
    shows: 'no attempt of a look-up ends in time; the model is told so',
    ends: 'completed',
    async play(stage) {
      stage.answerWith(sayInTurn({ toolCalls: [LOOK_UP] }, { text: 'I cannot see it.' }))
      const plan = withTool('get_order', { timeoutMs: 200, attempts: 2 })
      return whileOrdersAreLocked(stage, async () => {
        const started = await stage.startPlan(plan, 'Where is L-20871?')
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
  answerWith(sayInTurn({ toolCalls: [SMALL_REFUND] }, { text: 'That is settled.' }))
  const plan = withTool('issue_refund', { idempotency: 'none', timeoutMs: 500 })
  const { started, approval } = await whileOrdersAreLocked(stage, async () => {
    const started = await startPlan(plan, 'A refund, please.')
    return { started, approval: await caller.untilWaiting(started.runId) }
  })
  await caller.decide(approval, { decision })
  return started
}

function withTool(name: string, change: Partial<PlannedTool>): RunPlan {
  const plan = supportPlan()
  return { ...plan, tools: plan.tools.map((tool) => (tool.name === name ? { ...tool, ...change } : tool)) }
}

/** Tools that touch an order wait meanwhile. */
async function whileOrdersAreLocked<T>({ environment }: Stage, work: () => Promise<T>): Promise<T> {
  const locked = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const holding = environment.database.transaction(async (tx) => {
    await tx.query({ text: 'lock table shop_orders in access exclusive mode' })
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

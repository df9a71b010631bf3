import type { PlannedModel } from '../../../../src/contracts/models/model.ts'
import type { PlannedAgent, RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { PlannedTool } from '../../../../src/contracts/tools/tool.ts'
import type { Random } from '../random.ts'
import { randomBudget } from './random-budget.ts'
import { randomTerms } from './random-terms.ts'
import { randomTool } from './random-tools.ts'

const MODEL: PlannedModel = { provider: 'openai', wire: 'openai-responses', model: 'm', maxOutputTokens: 100 }
const ENTRY = 'simulated'
const SPECIALISTS = ['billing', 'technical'] as const

/**
 * A plan of any shape that the types allow: short chains, few steps, every effect and every kind of approval rule; with and
 * without a budget, specialists and a sub-agent.
 */
export function randomPlan(random: Random): RunPlan {
  const specialists = random.chance(0.4) ? SPECIALISTS : []
  const hasChild = random.chance(0.5)
  const shared = Array.from({ length: 4 }, (_, index) =>
    randomTool(random, `tool${index}`, { execution: random.pick(['activity', 'local'] as const) }),
  )
  if (hasChild) shared.push(randomTool(random, 'research', { execution: 'child', to: 'research' }))
  const handoffs = (specialists.length > 0 ? [ENTRY, ...specialists] : []).map((to) =>
    randomTool(random, `to_${to}`, { execution: 'handoff', to }),
  )
  const team = [...shared, ...handoffs]
  return {
    format: 4,
    ...randomAgent(random, ENTRY, team),
    ...(specialists.length > 0 && {
      specialists: Object.fromEntries(
        specialists.map((name) => [
          name,
          randomAgent(random, name, random.chance(0.5) ? team : some(random, team)),
        ]),
      ),
    }),
    ...(hasChild && { subAgents: { research: childPlan(random) } }),
    ...(random.chance(0.7) && { budget: randomBudget(random) }),
    approvalTerms: { standard: randomTerms(random), other: randomTerms(random) },
    limits: {
      maxSteps: 1 + random.below(6),
      deadlineMs: random.chance(0.2) ? 50 + random.below(500) : 300_000,
      historyEvents: 3_000,
      historyBytes: 2_000_000,
    },
  }
}

function some(random: Random, team: readonly PlannedTool[]): readonly PlannedTool[] {
  return team.filter(() => random.chance(0.6))
}

function randomAgent(random: Random, name: string, tools: readonly PlannedTool[]): PlannedAgent {
  return {
    agent: { name, version: '1' },
    prompt: { name, version: `v${1 + random.below(3)}` },
    chain: Array.from({ length: 1 + random.below(3) }, (_, hop) => ({
      ...MODEL,
      model: random.chance(0.05) ? 'odd' : `dear${hop}`,
    })),
    ...(random.chance(0.5) && {
      cheaperChain: Array.from({ length: 1 + random.below(2) }, (_, hop) => ({
        ...MODEL,
        model: `cheap${hop}`,
      })),
    }),
    degradedAnswer: `Sorry, says ${name}.`,
    ...(random.chance(0.5) && {
      whenNoModel: random.pick(['answer', { waitMs: 20_000 }, { waitMs: 300_000 }]),
    }),
    tools,
  }
}

/** As far as it matters to the run that it works for: it is played by the world, not by a reducer of its own. */
function childPlan(random: Random): RunPlan {
  return {
    format: 4,
    agent: { name: 'research', version: '1' },
    prompt: { name: 'research', version: 'v1' },
    chain: [MODEL],
    degradedAnswer: 'Sorry.',
    tools: [],
    ...(random.chance(0.7) && { budget: randomBudget(random) }),
    approvalTerms: { standard: randomTerms(random) },
    limits: { maxSteps: 3, deadlineMs: 1_000, historyEvents: 3_000, historyBytes: 2_000_000 },
  }
}

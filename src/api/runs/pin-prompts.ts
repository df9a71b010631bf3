import type { App } from '../../app/app.ts'
import type { JsonObject } from '../../contracts/json.ts'
import { mapValues } from '../../contracts/map-values.ts'
import type { PlannedAgent, RunPlan } from '../../contracts/runs/plan.ts'
import { promptHash, type StoredPrompt } from '../../store/runs/prompts.ts'

export interface PinnedPlan {
  readonly plan: RunPlan
  /** The texts whose hashes the plan contains; one text may be listed more than once. */
  readonly prompts: readonly StoredPrompt[]
}

/**
 * Adds the hash of its text to every prompt of a plan, so that the run keeps the text whichever build its workers are of.
 *
 * @param context the run's context, which instructions may use
 */
export function pinPrompts(app: Pick<App, 'instructions'>, plan: RunPlan, context: JsonObject): PinnedPlan {
  const prompts: StoredPrompt[] = []

  function pin<A extends PlannedAgent>(agent: A): A {
    const { name, version } = agent.prompt
    const text = app.instructions(agent.agent.name, context)
    if (text === null) throw new Error(`The application has no agent ${agent.agent.name}.`)
    const hash = promptHash(text)
    prompts.push({ hash, name, version, text })
    return { ...agent, prompt: { name, version, hash } }
  }

  function pinPlan({ specialists, subAgents, ...entry }: RunPlan): RunPlan {
    return {
      ...pin(entry),
      ...(specialists !== undefined && { specialists: mapValues(specialists, pin) }),
      ...(subAgents !== undefined && { subAgents: mapValues(subAgents, pinPlan) }),
    }
  }

  return { plan: pinPlan(plan), prompts }
}

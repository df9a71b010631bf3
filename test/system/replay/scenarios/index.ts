import { answers } from './answers.ts'
import { approvals } from './approvals.ts'
import { budgets } from './budgets.ts'
import { endings } from './endings.ts'
import { longRuns } from './long-runs.ts'
import { lookUps } from './look-ups.ts'
import { models } from './models.ts'
import { people } from './people.ts'
import { routing } from './routing.ts'
import type { Scenario } from './scenario.ts'
import { team } from './team.ts'
import { tools } from './tools.ts'

/** Every way through a run that a release keeps a history of, by name. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  ...answers,
  ...models,
  ...routing,
  ...tools,
  ...lookUps,
  ...approvals,
  ...people,
  ...budgets,
  ...team,
  ...endings,
  ...longRuns,
}

import { answers } from './answers.ts'
import { approvals } from './approvals.ts'
import { budgets } from './budgets.ts'
import { endings } from './endings.ts'
import { longRuns } from './long-runs.ts'
import { lookUps } from './look-ups.ts'
import { models } from './models.ts'
import { people } from './people.ts'
import { reports } from './reports.ts'
import { routing } from './routing.ts'
import type { OtherScenario, Scenario } from './scenario.ts'
import { schedules } from './schedules.ts'
import { team } from './team.ts'
import { tools } from './tools.ts'

/** Every way through a run, or through another workflow, that a release keeps a history of, by name. */
export const SCENARIOS: Readonly<Record<string, Scenario | OtherScenario>> = {
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
  ...reports,
  ...schedules,
}

import { AGENTS_AND_MODELS } from './agents-and-models.ts'
import { type Dashboard, toGrafana } from './dashboard.ts'
import { MONEY } from './money.ts'
import { OPERATIONS } from './operations.ts'

/** The dashboards by their file in `deploy/grafana/dashboards/`. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = {
  'operations.json': OPERATIONS,
  'agents-and-models.json': AGENTS_AND_MODELS,
  'money.json': MONEY,
}

export const fileOf = (dashboard: Dashboard): string => `${JSON.stringify(toGrafana(dashboard), null, 2)}\n`

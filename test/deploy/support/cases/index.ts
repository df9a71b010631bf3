import type { AlertCase } from '../alert-case.ts'
import { MODEL_CASES } from './models.ts'
import { MONEY_CASES, PEOPLE_CASES, TOOL_CASES } from './people.ts'
import { PLATFORM_CASES } from './platform.ts'
import { RUN_CASES } from './runs.ts'

/** A case of each alert that has a threshold. */
export const ALERT_CASES: readonly AlertCase[] = [
  ...RUN_CASES,
  ...MODEL_CASES,
  ...TOOL_CASES,
  ...PEOPLE_CASES,
  ...MONEY_CASES,
  ...PLATFORM_CASES,
]

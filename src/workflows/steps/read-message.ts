import { type ApprovalDecision, DECISIONS } from '../../contracts/approvals/approval.ts'
import type { BudgetChange } from '../../contracts/budgets/budget.ts'
import { isDeeperThan, isJsonObject } from '../../contracts/json.ts'
import type { TightenedRule } from '../../contracts/tools/tool.ts'
import type { AddMessage, ChangeBuild, ChildWaits, KillSwitch } from '../agent-run.messages.ts'

/*
 * Signals come from anywhere, the Web UI's text box included, and a handler that throws fails the run's workflow task again and again.
 * So a message of the wrong shape is dropped before anything reads its fields.
 */

export function isAddMessage(value: unknown): value is AddMessage {
  return isJsonObject(value) && isName(value['id'])
}

export function isDecision(value: unknown): value is ApprovalDecision {
  if (!isJsonObject(value)) return false
  const { approvalId, decision, argumentsSha256, by, groups = [], arguments: args } = value
  const names = isName(approvalId) && isName(argumentsSha256) && isName(by)
  const texts = [value['message'], value['comment'], value['editedSha256'], value['signature']]
  const isKnown = DECISIONS.some((known) => known === decision)
  const isEdit = args === undefined || isJsonObject(args)
  return (
    names && isKnown && isEdit && texts.every(isTextOrNone) && Array.isArray(groups) && groups.every(isName)
  )
}

/** How deep, and how long as JSON, a message may be. A larger one is neither hashed nor checked nor kept. */
const MOST_DEPTH = 70
const MOST_CHARACTERS = 120_000

/** Whether a message is small enough to be handled. The depth is checked first: `JSON.stringify` overflows its stack on a deep value. */
export function isBounded(value: ApprovalDecision | BudgetChange): boolean {
  return !isDeeperThan(value, MOST_DEPTH) && JSON.stringify(value).length <= MOST_CHARACTERS
}

export function isTightenedRule(value: unknown): value is TightenedRule {
  return (
    isJsonObject(value) &&
    isName(value['tool']) &&
    (value['verdict'] === 'ask' || value['verdict'] === 'deny')
  )
}

export function isBudgetChange(value: unknown): value is BudgetChange {
  if (!isJsonObject(value) || !isName(value['by']) || !isTextOrNone(value['signature'])) return false
  if (value['id'] !== undefined && !isName(value['id'])) return false
  return [value['limits'], value['add']].every((part) => part === undefined || isNumbers(part))
}

export function isKillSwitch(value: unknown): value is KillSwitch {
  if (!isJsonObject(value)) return false
  const { on, scope, agent } = value
  const isNamed = agent === undefined || isName(agent)
  return typeof on === 'boolean' && (scope === 'tenant' || scope === 'agent') && isNamed
}

export function isChildWaits(value: unknown): value is ChildWaits {
  return isJsonObject(value) && isName(value['runId']) && typeof value['waits'] === 'boolean'
}

export function isChangeBuild(value: unknown): value is ChangeBuild {
  return isJsonObject(value) && isName(value['from'])
}

function isNumbers(value: unknown): boolean {
  return isJsonObject(value) && Object.values(value).every((item) => typeof item === 'number')
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= NAME_CHARACTERS
}
const NAME_CHARACTERS = 256

function isTextOrNone(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}

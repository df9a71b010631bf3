import { ConfigError, loadConfig } from '../../config.ts'
import { localSecret } from '../../local/local-secret.ts'
import { StartError } from '../../local/start-error.ts'
import { BUDGET_CHANGE_USAGE, signedBudgetChange } from './sign-budget-change.ts'
import { DECISION_USAGE, signedDecision } from './sign-decision.ts'

/*
 * `npm run --silent sign -- --approval ID …` and `-- --run ID …`: prints a decision about an approval, or a change of a run's
 * budget, that workers believe, for a signal from the Temporal CLI or Web UI where the API can't be reached. Whoever has the
 * secret may name anybody: this is the operator's, and the run's history keeps it.
 */

function findSecret(): string {
  const { secret, dataDir } = loadConfig()
  return secret ?? localSecret(dataDir)
}

const args = process.argv.slice(2)
const isBudgetChange = args.some((arg) => /^--run(=|$)/.test(arg))
try {
  const message = isBudgetChange ? signedBudgetChange(args, findSecret) : signedDecision(args, findSecret)
  process.stdout.write(`${JSON.stringify(message)}\n`)
} catch (error) {
  const plain = error instanceof StartError || error instanceof ConfigError
  const usage = isBudgetChange
    ? `That is not a change of a budget.\n\n${BUDGET_CHANGE_USAGE}`
    : `That is not a decision.\n\n${DECISION_USAGE}\n\nFor a run's budget:\n\n${BUDGET_CHANGE_USAGE}`
  process.stderr.write(`${plain ? error.message : usage}\n`)
  process.exitCode = 1
}

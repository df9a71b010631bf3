import { ConfigError, loadConfig } from '../../config.ts'
import { localSecret } from '../../local/local-secret.ts'
import { StartError } from '../../local/start-error.ts'
import { CommandError } from '../command-error.ts'
import { usageOf } from '../help.ts'
import { signedBudgetChange } from './sign-budget-change.ts'
import { signedDecision } from './sign-decision.ts'

/**
 * `holdfast sign --approval ID …` and `--run ID …`: prints a decision about an approval, or a change of a run's budget, that workers
 * believe, for a signal from the Temporal CLI or Web UI where the API can't be reached. Whoever has the secret may name anybody:
 * this is the operator's, and the run's history keeps it.
 */
export async function sign(args: readonly string[]): Promise<number> {
  const isBudgetChange = args.some((arg) => /^--run(=|$)/.test(arg))
  try {
    const message = isBudgetChange ? signedBudgetChange(args, findSecret) : signedDecision(args, findSecret)
    process.stdout.write(`${JSON.stringify(message)}\n`)
    return 0
  } catch (error) {
    if (error instanceof StartError || error instanceof ConfigError) throw error
    const what = isBudgetChange ? 'That is not a change of a budget.' : 'That is not a decision.'
    throw new CommandError(`${what}\n\n${usageOf('sign')}`)
  }
}

function findSecret(): string {
  const { secret, dataDir } = loadConfig()
  return secret ?? localSecret(dataDir)
}

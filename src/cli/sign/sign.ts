import { ConfigError, loadConfig } from '../../config/config.ts'
import { localSecret } from '../../local/local-secret.ts'
import { StartError } from '../../local/start-error.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { usageOf } from '../help.ts'
import { signedBudgetChange } from './sign-budget-change.ts'
import { signedDecision } from './sign-decision.ts'

/**
 * `holdfast sign --approval ID …` and `--run ID …`: prints a signed decision about an approval, or a signed change of a run's budget. An
 * operator sends it as a signal, with the Temporal CLI or Web UI, when the API cannot be reached. The secret allows any name in `--by`,
 * so this command is the operator's alone; the run's history records what was sent.
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
    throw new CommandError(`${what}\n\n${usageOf('sign')}`, EXIT.usage)
  }
}

function findSecret(): string {
  const { secret, dataDir } = loadConfig()
  return secret ?? localSecret(dataDir)
}

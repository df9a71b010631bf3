import type { Command } from 'commander'
import { approvalId, runId } from '../../api/http/requests/ids.schema.ts'
import { APPROVAL_STATUSES, DECISIONS } from '../../contracts/approvals/approval.ts'
import { addApiCommand, idOf } from '../api/api-command.ts'
import { createProgram } from '../program.ts'
import { decideApproval } from './decide-approval.ts'
import { listApprovals, showApproval } from './print-approvals.ts'

/** `holdfast approvals …`: calls that wait for a person, and decisions about them, over the API. */
export function approvalsProgram(): Command {
  const program = createProgram('approvals')
  const ofApproval = (name: string, description: string) => {
    const command = addApiCommand(program, name, description)
    return command.argument('<id>', 'the approval', idOf(command, approvalId, 'an approval'))
  }

  const list = addApiCommand(program, 'list', 'what waits, newest first')
  list
    .addOption(
      list
        .createOption('--status <status>', 'with this status')
        .choices([...APPROVAL_STATUSES, 'all'])
        .default('pending'),
    )
    .option('--mine', "only what the key's principal may decide now")
    .option('--run <id>', 'of this run', idOf(list, runId, 'a run'))
    .action(listApprovals)

  ofApproval('show', 'one approval, with what the call would do').action(showApproval)

  const decide = ofApproval('decide', 'decides an approval')
  decide
    .addArgument(decide.createArgument('<decision>', 'what becomes of the call').choices(DECISIONS))
    .option('--sha256 <hash>', 'arguments_sha256 of what you were shown: with another one nothing is decided')
    .option('--arguments <json>', 'with edit: what the tool is called with instead')
    .option('--message <text>', 'with reject and respond: what the model is told')
    .option('--comment <text>', 'for the record')
    .action((id, decision, { arguments: edited, ...options }) =>
      decideApproval(id, decision, { ...options, edited: readArguments(decide, edited) }),
    )
  return program
}

function readArguments(command: Command, text: string | undefined): object | undefined {
  if (text === undefined) return undefined
  const value = parse(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  return command.error('--arguments is not a JSON object.')
}

/** null where the text is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

import { parseArgs } from 'node:util'
import { APPROVAL_DECISION } from '../activities/approval-decision.schema.ts'
import { argumentsHash } from '../activities/arguments-hash.ts'
import { ConfigError, loadConfig } from '../config.ts'
import type { ApprovalDecision } from '../contracts/approval.ts'
import type { JsonObject } from '../contracts/json.ts'
import { signDecision } from '../store/decision-signature.ts'
import { localSecret } from './local-secret.ts'
import { StartError } from './start-error.ts'

/*
 * `npm run --silent sign -- --approval ID --sha256 HASH --decision approve --by ann [--group finance …]`: prints a decision that
 * workers believe, for a signal from the Temporal CLI or Web UI where the API can't be reached. Whoever has the secret may
 * name anybody: this is the operator's, and the run's history keeps it.
 */

const USAGE =
  'npm run --silent sign -- --approval ID --sha256 HASH --decision approve|edit|reject|respond --by NAME\n' +
  '  [--group NAME…] [--message TEXT] [--comment TEXT] [--arguments JSON]'

function sign(args: readonly string[]): ApprovalDecision {
  const { values } = parseArgs({
    args: [...args],
    options: {
      approval: { type: 'string' },
      sha256: { type: 'string' },
      decision: { type: 'string' },
      by: { type: 'string' },
      group: { type: 'string', multiple: true, default: [] },
      message: { type: 'string' },
      comment: { type: 'string' },
      arguments: { type: 'string' },
    },
  })
  const { approval: approvalId, sha256: argumentsSha256, group: groups, arguments: json, ...words } = values
  const edited = json === undefined ? undefined : (JSON.parse(json) as JsonObject)
  const decision = APPROVAL_DECISION.parse({
    approvalId,
    argumentsSha256,
    groups,
    ...words,
    ...(edited !== undefined && { arguments: edited, editedSha256: argumentsHash(edited) }),
  }) as ApprovalDecision

  const { secret, dataDir } = loadConfig()
  const [, run] = /^apr_([^_]+)_/.exec(decision.approvalId) ?? []
  if (run === undefined) throw new StartError(`${decision.approvalId} is not the id of an approval.`)
  return { ...decision, signature: signDecision(secret ?? localSecret(dataDir), `run_${run}`, decision) }
}

try {
  process.stdout.write(`${JSON.stringify(sign(process.argv.slice(2)))}\n`)
} catch (error) {
  const plain = error instanceof StartError || error instanceof ConfigError
  process.stderr.write(`${plain ? error.message : `That is not a decision.\n\n${USAGE}`}\n`)
  process.exitCode = 1
}

import type { Connection } from '@temporalio/client'
import {
  AGENT_ATTRIBUTE,
  PROMPT_VERSION_ATTRIBUTE,
  STATUS_ATTRIBUTE,
  TENANT_ATTRIBUTE,
} from '../../workflows/agent-run.messages.ts'
import { StartError } from '../start-error.ts'

/** All of type Keyword. */
export const SEARCH_ATTRIBUTES = [
  TENANT_ATTRIBUTE,
  AGENT_ATTRIBUTE,
  STATUS_ATTRIBUTE,
  PROMPT_VERSION_ATTRIBUTE,
].map((key) => key.name)

/** `temporal.api.enums.v1.IndexedValueType` */
const KEYWORD = 2

/**
 * Registers what is missing on a server that is not ours to start.
 *
 * @throws StartError where the server does not let us, naming the command that an operator has to run
 */
export async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  try {
    const missing = await missingSearchAttributes(connection, namespace)
    if (missing.length === 0) return
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
    })
  } catch (error) {
    const flags = SEARCH_ATTRIBUTES.map((name) => `--name ${name} --type Keyword`).join(' ')
    throw new StartError(
      `The search attributes of namespace "${namespace}" can't be read or added (${(error as Error).message}). ` +
        `If they are missing: temporal operator search-attribute create --namespace ${namespace} ${flags}`,
    )
  }
}

export async function missingSearchAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
  return SEARCH_ATTRIBUTES.filter((name) => !(name in (customAttributes ?? {})))
}

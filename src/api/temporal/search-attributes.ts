import type { Connection } from '@temporalio/client'
import {
  AGENT_ATTRIBUTE,
  PROMPT_VERSION_ATTRIBUTE,
  STATUS_ATTRIBUTE,
  TENANT_ATTRIBUTE,
} from '../../workflows/agent-run.messages.ts'

/** All of type Keyword. Temporal refuses to start a workflow that names one which its namespace does not have. */
export const SEARCH_ATTRIBUTES = [
  TENANT_ATTRIBUTE,
  AGENT_ATTRIBUTE,
  STATUS_ATTRIBUTE,
  PROMPT_VERSION_ATTRIBUTE,
].map((key) => key.name)

/** `temporal.api.enums.v1.IndexedValueType` */
const KEYWORD = 2

type Operator = Pick<Connection, 'operatorService'>

/** Names that the namespace does not have yet. */
export async function missingSearchAttributes(
  { operatorService }: Operator,
  namespace: string,
): Promise<string[]> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace })
  return SEARCH_ATTRIBUTES.filter((name) => !(name in (customAttributes ?? {})))
}

/**
 * Registers what the namespace lacks, where the server lets us; resolves to the names that it lacks all the same.
 *
 * @throws the server's error where it can't even be asked which there are
 */
export async function ensureSearchAttributes(connection: Operator, namespace: string): Promise<string[]> {
  const missing = await missingSearchAttributes(connection, namespace)
  if (missing.length === 0) return []
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
    })
  } catch {
    // Another process may have been first, or we may not: what is there now tells.
  }
  return missingSearchAttributes(connection, namespace)
}

/** What an operator runs where we may not register them. */
export function searchAttributesCommand(namespace: string, names: readonly string[]): string {
  const flags = names.map((name) => `--name ${name} --type Keyword`).join(' ')
  return `temporal operator search-attribute create --namespace ${namespace} ${flags}`
}

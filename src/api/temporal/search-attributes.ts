import type { Connection } from '@temporalio/client'
import {
  AGENT_ATTRIBUTE,
  PROMPT_VERSION_ATTRIBUTE,
  STATUS_ATTRIBUTE,
  TENANT_ATTRIBUTE,
} from '../../workflows/agent-run.messages.ts'

/** All of type Keyword. Temporal refuses to start a workflow with an attribute that its namespace lacks. */
export const SEARCH_ATTRIBUTES = [
  TENANT_ATTRIBUTE,
  AGENT_ATTRIBUTE,
  STATUS_ATTRIBUTE,
  PROMPT_VERSION_ATTRIBUTE,
].map((key) => key.name)

/** `temporal.api.enums.v1.IndexedValueType` */
const KEYWORD = 2

type Operator = Pick<Connection, 'operatorService'>

/** Names of the attributes that the namespace lacks. */
export async function missingSearchAttributes(
  { operatorService }: Operator,
  namespace: string,
): Promise<string[]> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace })
  return SEARCH_ATTRIBUTES.filter((name) => !(name in (customAttributes ?? {})))
}

/**
 * Registers the attributes that the namespace lacks, where the server allows it. Resolves to those that it still lacks.
 *
 * @throws the server's error where it does not list the attributes
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
    // Another process may have registered them first, or we may not be allowed to: the list below shows which.
  }
  return missingSearchAttributes(connection, namespace)
}

/** The command with which an operator registers them. */
export function searchAttributesCommand(namespace: string, names: readonly string[]): string {
  const flags = names.map((name) => `--name ${name} --type Keyword`).join(' ')
  return `temporal operator search-attribute create --namespace ${namespace} ${flags}`
}

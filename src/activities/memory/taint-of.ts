import { isJsonObject, type Json } from '../../contracts/json.ts'
import { MEMORY } from '../../policies/operations/memory.ts'
import { type BeforeCall, readBefore, resultsBefore } from '../../store/memory/read-before.ts'
import type { Dependencies } from '../dependencies.ts'

/**
 * Finds what a run had read before a call from others than its principal: `tool:<name>` for every tool with a result, since no tool says
 * whose words its results are, `user:<name>`, and `file:<id>` for every file in a message. A fact that was recalled brings along what it was tainted by itself.
 */
export function createTaintOf({ database, app }: Pick<Dependencies, 'database' | 'app'>) {
  return async (call: BeforeCall): Promise<string[]> => {
    const { tools, users, files } = await readBefore(database, call)
    const recalling = tools.filter((name) => app.tool(name)?.builtIn === 'recall')
    const recalled = recalling.length === 0 ? [] : await resultsBefore(database, call, recalling)
    const sources = new Set([
      ...tools.filter((name) => app.tool(name)?.builtIn === undefined).map((name) => `tool:${name}`),
      ...users.map((name) => `user:${name}`),
      ...files.map((id) => `file:${id}`),
      ...recalled.flatMap(taintOfResult),
    ])
    return [...sources].slice(0, MEMORY.sources)
  }
}

/** What the facts of a recall were tainted by. The result is of our own making, or says in our words why there is none. */
function taintOfResult(content: string): readonly string[] {
  const result = JSON.parse(content) as Json
  const facts = isJsonObject(result) && Array.isArray(result['facts']) ? (result['facts'] as Json[]) : []
  return facts.flatMap((fact) => {
    const sources = isJsonObject(fact) ? fact['tainted_by'] : undefined
    return Array.isArray(sources) ? sources.map(String) : []
  })
}

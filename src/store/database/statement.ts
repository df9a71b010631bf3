import type { Statement } from './database.ts'

/** A statement whose parameters have names. */
export interface NamedStatement {
  /**
   * The statement with its values, ready for `db.query`.
   *
   * @throws where a parameter has no value (null is one), or a value no parameter
   */
  with(values: Values): Statement
}

export type Values = Readonly<Record<string, unknown>>

/**
 * A prepared statement with named parameters, made once when the module loads:
 *
 * ```ts
 * const FIND_PLAN = statement('find_plan', 'select plan from runs where id = :run_id and tenant = :tenant')
 * const rows = await db.query(FIND_PLAN.with({ run_id: runId, tenant }))
 * ```
 *
 * Parameters are called what the column is called, in snake case. Fragments that several statements share name theirs too, and say
 * in their comment which values they take. Names are numbered (`$1`, `$2`, …) in the order in which they first stand in the text;
 * a name that stands there twice is one parameter. Casts (`::json`), quoted text and comments are left as they are.
 *
 * @param name what each connection knows the prepared statement by; no other statement may have it
 */
export function statement(name: string, text: string): NamedStatement {
  return numbered(text, name)
}

/** The same for a statement that is rare, or whose best plan hangs on its values: it is planned anew every time. */
export function unprepared(text: string): NamedStatement {
  return numbered(text)
}

/** What is skipped, or a parameter's name. Quoted text comes first: a colon in it is only a colon. */
const TOKEN = /'(?:[^']|'')*'|"[^"]*"|--[^\n]*|::|:([a-z_][a-z0-9_]*)|\$\d+/g

function numbered(text: string, name?: string): NamedStatement {
  const names: string[] = []
  const withNumbers = text.replace(TOKEN, (token, parameter?: string) => {
    if (token.startsWith('$')) throw new Error(`${token} stands beside named parameters: ${text}`)
    if (parameter === undefined) return token
    if (!names.includes(parameter)) names.push(parameter)
    return `$${names.indexOf(parameter) + 1}`
  })
  const prepared = { ...(name !== undefined && { name }), text: withNumbers }

  function listed(values: Values): unknown[] {
    const unknown = Object.keys(values).filter((given) => !names.includes(given))
    const missing = names.filter((needed) => values[needed] === undefined)
    if (unknown.length === 0 && missing.length === 0) return names.map((needed) => values[needed])
    const what = [
      ...missing.map((needed) => `no value for :${needed}`),
      ...unknown.map((given) => `no parameter for ${given}`),
    ]
    throw new Error(`${name ?? 'The statement'} has ${what.join(', ')}.`)
  }

  return { with: (values) => ({ ...prepared, values: listed(values) }) }
}

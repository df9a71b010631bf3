import { isToolScope } from '../../contracts/access/tool-scope.ts'
import { KEY_NAME } from '../../policies/api-keys.ts'
import { checkFields } from './values.ts'

const FIELDS = ['scopes', 'groups']

/** Yields the problems of what a tool demands of its caller. */
export function* checkRequires(where: string, requires: unknown): Generator<string> {
  if (requires === undefined) return
  if (typeof requires !== 'object' || requires === null || Object.keys(requires).length === 0) {
    yield `${where}: requires demands nothing. Write requires: { scopes: ["tools:pay"] }, { groups: ["finance"] } or both, or drop it.`
    return
  }
  yield* checkLists(`${where}, requires`, requires)
  for (const [name, list] of Object.entries(requires)) {
    if (Array.isArray(list) && list.length === 0) {
      yield `${where}, requires: ${name} is empty. Name what is demanded, or drop it.`
    }
  }
}

/** Yields the problems of what a sub-agent keeps of its parent's caller. An empty list keeps nothing. */
export function* checkNarrowing(where: string, narrows: object | undefined): Generator<string> {
  if (narrows !== undefined) yield* checkLists(where, narrows)
}

function* checkLists(where: string, value: object): Generator<string> {
  yield* checkFields(where, value, FIELDS)
  const { scopes, groups } = value as { readonly scopes?: unknown; readonly groups?: unknown }
  if (scopes !== undefined && !isListOf(scopes, isToolScope)) {
    yield `${where}: scopes is not a list of tool scopes, each once. Write scopes: ["tools:pay"]: "tools:" and then lower-case letters, digits, dots, dashes and underscores.`
  }
  if (groups !== undefined && !isListOf(groups, isGroupName)) {
    yield `${where}: groups is not a list of groups, each once. Write groups: ["finance"], with names as keys and tokens have them.`
  }
}

function isListOf(value: unknown, isOne: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOne) && new Set(value).size === value.length
}

function isGroupName(value: unknown): boolean {
  return typeof value === 'string' && KEY_NAME.test(value)
}

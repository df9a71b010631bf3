import type { z } from 'zod'
import { jsonPointer } from './json-pointer.ts'

type Issue = z.core.$ZodIssue

/** One thing that does not fit a schema. */
export interface Misfit {
  /** JSON pointer. */
  readonly pointer: string
  /** A sentence. */
  readonly detail: string
}

/**
 * What a schema found wrong, in our own words: the library's texts may change, and may quote what was sent. The words of a refinement are
 * its author's.
 */
export function describeIssue(issue: Issue, path: readonly PropertyKey[] = []): Misfit[] {
  const at = [...path, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: jsonPointer([...at, key]), detail: 'Unknown property.' }))
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.map((inner) => ({
      pointer: jsonPointer(at),
      detail: `The name: ${lowerFirst(describe(inner))}`,
    }))
  }
  if (issue.code === 'invalid_union') {
    const meant = meantForm(issue.errors)
    if (meant !== undefined) return meant.flatMap((inner) => describeIssue(inner, at))
  }
  return [{ pointer: jsonPointer(at), detail: describe(issue) }]
}

/**
 * The form of a union that the caller has meant: its outermost type fits. Of several, the one that fits best, by its constants first, which say
 * what a value is, then by the names of its members.
 */
function meantForm(forms: readonly Issue[][]): Issue[] | undefined {
  const fitting = forms.filter((issues) =>
    issues.every(({ code, path }) => code !== 'invalid_type' || path.length > 0),
  )
  const constants = (issues: Issue[]) =>
    issues.filter(({ code, input }) => code === 'invalid_value' && input !== undefined).length
  const unknown = (issues: Issue[]) =>
    issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0)
  return fitting.toSorted(
    (a, b) => constants(a) - constants(b) || unknown(a) - unknown(b) || a.length - b.length,
  )[0]
}

function describe(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'Missing.' : `Must be ${withArticle(issue.expected)}.`
    case 'too_small':
      return `Must be at least ${issue.minimum}${unitOf(issue.origin, issue.minimum)}.`
    case 'too_big':
      return `Must be at most ${issue.maximum}${unitOf(issue.origin, issue.maximum)}.`
    case 'invalid_value':
      return `Must be one of: ${issue.values.map(String).join(', ')}.`
    case 'invalid_union':
      return issue.input === undefined ? 'Missing.' : 'Has none of the allowed forms.'
    case 'custom':
      return issue.message
    default:
      return 'Does not have the required form.'
  }
}

function unitOf(origin: string, count: number | bigint): string {
  if (origin === 'string') return Number(count) === 1 ? ' character long' : ' characters long'
  if (origin === 'array') return Number(count) === 1 ? ' entry long' : ' entries long'
  return ''
}

function withArticle(type: string): string {
  const name = type === 'int' ? 'integer' : type === 'record' ? 'object' : type
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

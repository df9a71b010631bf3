import type { z } from 'zod'
import type { ProblemItem } from './problem.ts'

type Issue = z.core.$ZodIssue

/** What a schema found wrong, in our own words: the library's texts may change, and may quote what was sent. */
export function describeIssue(issue: Issue, path: readonly PropertyKey[] = []): ProblemItem[] {
  const at = [...path, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: pointerTo([...at, key]), detail: 'Unknown property.' }))
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.map((inner) => ({
      pointer: pointerTo(at),
      detail: `The name: ${lowerFirst(say(inner))}`,
    }))
  }
  if (issue.code === 'invalid_union') {
    // The form that was meant is the one whose outermost type fits.
    const meant = issue.errors.find((errors) =>
      errors.every(({ code, path }) => code !== 'invalid_type' || path.length > 0),
    )
    if (meant !== undefined) return meant.flatMap((inner) => describeIssue(inner, at))
  }
  return [{ pointer: pointerTo(at), detail: say(issue) }]
}

/** RFC 6901; the whole document is the empty string. */
function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

function say(issue: Issue): string {
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
      return 'Has none of the allowed forms.'
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

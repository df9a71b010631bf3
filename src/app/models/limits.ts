import type { LimitRow } from '../define/model-definition.ts'

const NUMBERS = [
  'requestsPerMinute',
  'tokensPerMinute',
  'maxConcurrent',
] as const satisfies readonly (keyof LimitRow)[]
const MODEL_NAME = /^[\x21-\x7e]{1,128}$/
/** A larger number is no limit of any provider, and would not fit the store's arithmetic. */
const MOST = 1_000_000_000_000

/** Yields what is wrong with a limit, whoever has written it. The provider's name is the caller's to check. */
export function* limitProblems(row: LimitRow): Generator<string> {
  if (row.model !== undefined && !MODEL_NAME.test(row.model))
    yield 'model is not a model\'s name. Write it without its provider, such as "gpt-5.5".'
  if (row.tenant !== undefined && (typeof row.tenant !== 'string' || row.tenant === ''))
    yield 'tenant is not a tenant. Name one, or write "*" for each.'
  for (const name of NUMBERS) {
    const value: unknown = row[name]
    if (value === undefined || (Number.isSafeInteger(value) && Number(value) > 0 && Number(value) <= MOST))
      continue
    yield `${name} is ${String(value)}. Give a whole number above 0.`
  }
  if (NUMBERS.every((name) => row[name] === undefined))
    yield `it limits nothing. Give ${NUMBERS.join(', ')}, or more than one.`
  if (row.maxConcurrent !== undefined && row.tenant !== undefined)
    yield 'maxConcurrent is of all tenants together. Give it a row without tenant.'
}

/** Whether two rows are about the same calls. */
export function sameLimit(one: LimitRow, other: LimitRow): boolean {
  return one.provider === other.provider && one.model === other.model && one.tenant === other.tenant
}

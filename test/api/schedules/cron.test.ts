import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findCronMistake } from '../../../src/api/schedules/cron.ts'

const RIGHT = [
  '* * * * *',
  '0 9 * * 1-5',
  '*/15 0-6,22-23 1,15 jan,JUL-dec mon-fri',
  '5/10 */2 31 2 7',
  '  0   0  1-7  *  SUN ',
]

const WRONG: readonly (readonly [cron: string, about: RegExp])[] = [
  ['', /five fields/],
  ['@daily', /five fields/],
  ['0 9 * *', /five fields/],
  ['0 0 9 * * *', /five fields/],
  ['60 * * * *', /minute/],
  ['* 24 * * *', /hour/],
  ['* * 0 * *', /day of the month/],
  ['* * * 13 *', /month/],
  ['* * * * 8', /day of the week/],
  ['* * * * tuesday', /day of the week/],
  ['9-5 * * * *', /minute/],
  ['*/0 * * * *', /minute/],
  ['1, * * * *', /minute/],
  ['-1 * * * *', /minute/],
  ['1.5 * * * *', /minute/],
  ['* * * * mon#1', /day of the week/],
  ['* * L * *', /day of the month/],
]

test('a cron expression is taken or refused by its fields, and the mistake names the field', () => {
  for (const cron of RIGHT) assert.equal(findCronMistake(cron), null, cron)
  for (const [cron, about] of WRONG) assert.match(findCronMistake(cron) ?? 'taken', about, cron)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findCronMistake } from '../../../src/api/schedules/cron.ts'

const RIGHT = [
  '* * * * *',
  '0 9 * * 1-5',
  '*/15 0-6,22-23 1,15 jan,JUL-dec mon-fri',
  '5/10 */2 31 1,2 7',
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

test('a cron expression that no day of the next years fits is refused', () => {
  const now = new Date('2026-11-28T12:00:00Z')
  for (const cron of ['0 8 29 2 *', '0 8 28-31 feb *', '0 8 25/5 2 *', '0 8 1 1 7', '0 8 31 12 thu'])
    assert.equal(findCronMistake(cron, now), null, cron)
  // The next Monday that is a 29th of February is in 2044.
  for (const cron of ['0 8 31 2 *', '0 8 30,31 feb *', '*/5 * 31 4,6,9,11 *', '0 8 29 2 mon'])
    assert.match(findCronMistake(cron, now) ?? 'taken', /No day of the next 8 years/, cron)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { audit } from './support/models/audit.ts'
import { type BadDays, playBadDays } from './support/models/play-bad-days.ts'
import { amplification, report } from './support/models/report.ts'

/*
 * `npm run chaos:models` plays 1,000 runs. `MODELS_SEED=123` gives the same runs the same faults again; what meets what is up to the machine.
 */

const RUNS = Number(process.env['MODELS_RUNS'] ?? 40)
const DAYS: BadDays = {
  seed: Number(process.env['MODELS_SEED'] ?? Date.now() % 1_000_000),
  runs: RUNS,
  awayMs: Math.max(2_000, RUNS * 20),
  kills: Math.max(2, Math.round(RUNS / 80)),
}
const LEAST_COMPLETED = 0.999
/** 1.4 are for the requests that fail; the others for outages, kills and hedges. */
const MOST_REQUESTS_AN_ANSWER = 2.5
/** With so many runs everything has been at work, whatever the seed. */
const ENOUGH_RUNS = 500

test(`${RUNS} runs come through a third of their requests failing, providers that are away, and killed workers`, async (t) => {
  t.diagnostic(`MODELS_SEED=${DAYS.seed}`)
  const played = await playBadDays(DAYS)
  try {
    const found = await audit(played)
    process.stdout.write(`\n${report(DAYS, played, found)}\n\n`)
    const { notCompleted, ...others } = found.promises
    assert.deepEqual(others, { stuck: [], wrongEffects: [], wrongBooks: [], limitsPassed: [] })
    const completed = 1 - notCompleted.length / RUNS
    assert.ok(completed >= LEAST_COMPLETED, `${completed * 100} % completed: ${notCompleted.join('\n')}`)
    assert.ok(amplification(found) <= MOST_REQUESTS_AN_ANSWER, `${amplification(found)} requests an answer`)
    const { kills } = played
    const never = Object.entries({ ...found.happened, kills }).filter(([, times]) => times === 0)
    if (RUNS >= ENOUGH_RUNS) assert.deepEqual(never, [], 'what was never at work is not proven')
    assert.equal(played.weather.length, 3)
  } finally {
    await played.close()
  }
})

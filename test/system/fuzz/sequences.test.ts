import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { sequences } from './commands.ts'
import { emptyModel } from './model.ts'
import { checkRun, createPlayer } from './player.ts'
import { script } from './script.ts'

/*
 * Requests in any order to a system whose runs go on, with a model of what each answer must be and of what is done at the end. The next request
 * is sent when the runs are at rest. `FUZZ_PLAYED` says how many sequences, `FUZZ_SEED` which ones.
 */
const SEQUENCES = Number(process.env['FUZZ_PLAYED'] ?? 20)
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
/** A sequence waits most of its time. */
const AT_ONCE = 5

let environment: Environment
before(async () => {
  const secret = 'a secret of thirty-two characters'
  environment = await startEnvironment({ store: 'postgres', script, secret, keepRequests: 1 })
})
after(() => environment.close())

test(`${SEQUENCES} sequences over a worker: each answer and each effect is as the model says (FUZZ_SEED=${SEED})`, async (context) => {
  const { database, service } = environment
  const played = fc.sample(sequences(), { seed: SEED, numRuns: SEQUENCES })
  const rests: string[] = []
  const problems: string[] = []

  async function play(commands: (typeof played)[number], number: number): Promise<void> {
    const player = await createPlayer(database, service.url, `tenant-${number}`)
    const model = emptyModel()
    await fc.asyncModelRun(() => ({ model, real: player }), commands)
    for (const run of model.runs) {
      await checkRun(player, database, run)
      rests.push(run.rest)
    }
  }

  const waiting = [...played.entries()]
  const lanes = Array.from({ length: AT_ONCE }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [number, commands] = next
      await play(commands, number).catch((error: Error) => {
        problems.push(`sequence ${number}, ${String(commands)}: ${error.stack}`)
      })
    }
  })
  await Promise.all(lanes)
  const counts = [...Map.groupBy(rests, (rest) => rest)].map(([rest, all]) => `${all.length} ${rest}`)
  context.diagnostic(`FUZZ_SEED=${SEED}: ${rests.length} runs, ${counts.join(', ')}`)
  assert.deepEqual(problems, [])
  assert.ok(rests.length > SEQUENCES)
})

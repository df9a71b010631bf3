import { BREAKERS } from '../../../../../src/policies/models/breakers.ts'
import { MODEL_CLOCKS } from '../../../../../src/policies/models/models.ts'

/*
 * The worker as it is, but for its patience: providers that have fallen silent are given up after seconds, and circuits open for a fifth of the
 * time, so that they open and close again and again while the runs last.
 */

Object.assign(MODEL_CLOCKS, { firstEventMs: 3_000, idleMs: 1_500 })
Object.assign(BREAKERS.openForMs, { failing: [3_000, 6_000, 12_000] })

await import('../../../../../src/cli/main.ts')

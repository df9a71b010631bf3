import { MODEL_CLOCKS } from '../../../../src/policies/models/models.ts'

/*
 * The worker as it is, but for how long it waits for a provider that has fallen silent: minutes are too long for a test, and what
 * is done about it is the same after seconds.
 */

Object.assign(MODEL_CLOCKS, { firstEventMs: 4_000, idleMs: 2_000 })

await import('../../../../src/cli/main.ts')

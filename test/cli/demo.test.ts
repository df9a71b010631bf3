import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import shop from '../../examples/shop/app.ts'
import { seedShop } from '../../examples/shop/data/seed-shop.ts'
import SCRIPT from '../../examples/shop/script/index.ts'
import { freePort } from '../../src/worker/probe-port.ts'
import { type Environment, startEnvironment } from '../support/start-environment.ts'

/** Runs the demonstration to its end. */
function demo(url: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=source', 'src/cli/main.ts', 'demo', 'examples/shop/app.ts', '--url', url],
      { timeout: 60_000 },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

describe('npm run demo', () => {
  let environment: Environment
  before(async () => {
    environment = await startEnvironment({ app: shop, seed: seedShop, script: SCRIPT })
  })
  after(() => environment.close())

  it('plays the worked example from the question to the answer, approval included', async () => {
    const { code, stdout, stderr } = await demo(environment.service.url)
    assert.equal(code, 0, stderr)
    const story = [
      /^You +My espresso machine/m,
      /^run +run_/m,
      /^model +\S+ asks for get_order/m,
      /^tool +get_order: /m,
      /^approval +issue_refund is irreversible, and the rule "[\w-]+" wants a person/m,
      /^approval +approved by /m,
      /^tool +issue_refund: /m,
      /^completed +\d+ model calls, \d+ tool calls/m,
      /^Agent +I have refunded/m,
    ]
    let from = 0
    for (const line of story) {
      const found = stdout.slice(from).search(line)
      assert.ok(found >= 0, `${line} is missing, or out of order, in:\n${stdout}`)
      from += found
    }
  })

  it('says why nobody was asked when the order has been refunded before', async () => {
    const { code, stdout } = await demo(environment.service.url)
    assert.equal(code, 0)
    assert.match(stdout, /Nobody had to approve anything/)
    assert.match(stdout, /^Agent +I have refunded the Bambina.* before: €129\.00/m)
    assert.doesNotMatch(stdout, /11\.90/)
  })

  it('says what to do when no stack is up', async () => {
    const { code, stderr } = await demo(`http://127.0.0.1:${await freePort()}`)
    assert.equal(code, 5)
    assert.match(stderr, /There is no stack to show at .*holdfast dev/)
  })
})

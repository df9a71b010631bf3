import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type App, defineApp } from 'holdfast'
import { openTestDatabase, startTestSystem } from 'holdfast/testing'
import { assistant } from '../agents/assistant.ts'
import { billing } from '../agents/billing.ts'
import { research } from '../agents/research.ts'
import { returns } from '../agents/returns.ts'
import { support } from '../agents/support.ts'
import { technical } from '../agents/technical.ts'
import shop from '../app.ts'
import { seedShop } from '../data/seed-shop.ts'
import SCRIPT from '../script/index.ts'
import { playConversation } from './play-conversation.ts'

/* The scripted models tell one story, however a provider is spoken to: beside the script itself, the real adapters on each wire. */

const MODELS = [
  { model: 'openai/gpt-5.5', wire: 'openai-responses' },
  { model: 'openai/gpt-5.5', wire: 'openai-chat' },
  { model: 'anthropic/claude-haiku-4-5', wire: 'anthropic-messages' },
] as const

/** The shop, with this model alone. */
function shopOn(model: (typeof MODELS)[number]): App {
  return defineApp({
    name: 'shop',
    agents: [assistant, research, support, billing, returns, technical],
    prompts: new URL('../prompts/', import.meta.url),
    migrations: new URL('../migrations/', import.meta.url),
    models: { tiers: { standard: { chain: [model], cheaper: [model] } } },
  })
}

const CUSTOMER = 'local'
const DAMAGED = 'My espresso machine arrived damaged: the water tank is cracked. I would like my money back.'
const REFUSAL = 'A photo first.'

for (const model of MODELS) {
  test(`the story is the same over ${model.wire}, through the real adapter`, async () => {
    await using db = await openTestDatabase({ app: shop })
    await seedShop(db)
    const instead = { issue_refund: { code: 'tool_rejected', personSays: REFUSAL } }
    const direct = await playConversation(db, [DAMAGED], { instead })

    await using system = await startTestSystem({ app: shopOn(model), seed: seedShop, script: SCRIPT })
    const run = await system.start({ agent: 'support', input: DAMAGED, as: CUSTOMER })
    const approval = await run.approval()
    await approval.reject({ message: REFUSAL })
    const { status, output } = await run.end()
    assert.equal(status, 'completed')

    assert.deepEqual([...new Set(system.modelCalls.map(({ wire }) => wire))], [model.wire])
    const calls = (await run.transcript()).flatMap((message) => message.tool_calls ?? [])
    assert.deepEqual(
      calls.map(({ tool, arguments: args }) => ({ tool, args })),
      direct.calls.map(({ tool, arguments: args }) => ({ tool, args })),
    )
    assert.equal(output, direct.answer)
  })
}

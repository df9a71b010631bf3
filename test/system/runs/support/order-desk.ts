import { z } from 'zod'
import type { ToolContext } from '../../../../src/app/tool.ts'
import { type App, defineAgent, defineApp, defineTool, ToolError } from '../../../../src/index.ts'
import type { Script } from '../../../../src/testing/script.ts'
import { firstWords, wordsOf } from '../../../support/office/words.ts'

/** What the company's catalogue has, by what is ordered: the model names no price, and nobody would believe it. */
const CATALOGUE: Record<string, { eur: number; manager: string }> = {
  mouse: { eur: 30, manager: 'meg' },
  laptop: { eur: 1_800, manager: 'meg' },
  workstation: { eur: 4_000, manager: 'max' },
  server: { eur: 9_000, manager: 'meg' },
}

export interface Ordered extends Pick<ToolContext, 'runId' | 'facts' | 'approvedBy'> {
  readonly sku: string
}

export interface OrderDesk {
  readonly app: App
  /** Every order that reached the tool. */
  readonly orders: Ordered[]
  /** How often the facts of something were looked up, and its approvers. */
  readonly looked: { facts: Map<string, number>; approvers: Map<string, number> }
}

const SKU = z.strictObject({ sku: z.string() })

/** An application whose tool orders what the model names, at the price that the catalogue has. */
export function orderDesk(): OrderDesk {
  const orders: Ordered[] = []
  const looked: OrderDesk['looked'] = { facts: new Map(), approvers: new Map() }
  const count = (where: Map<string, number>, sku: string) => {
    const times = (where.get(sku) ?? 0) + 1
    where.set(sku, times)
    return times
  }
  const order = defineTool({
    name: 'order',
    description: 'Orders something.',
    input: SKU,
    effect: 'irreversible',
    idempotency: 'key',
    attempts: 2,
    timeoutMs: 2_000,
    async facts({ sku }) {
      const times = count(looked.facts, sku)
      if (sku === 'nothing') throw new ToolError('The catalogue has no such thing.')
      if (sku === 'broken') throw new Error('the catalogue is down')
      if (sku === 'flaky' && times === 1) throw new Error('the catalogue is slow')
      if (sku === 'huge') return { eur: 1, manager: 'x'.repeat(70_000) }
      // Read again, it would have another price: what was approved is what counts.
      const { eur, manager } = CATALOGUE[sku] ?? { eur: 2_000, manager: 'meg' }
      return { eur: eur + times - 1, manager }
    },
    approvers({ args: { sku }, facts }) {
      const times = count(looked.approvers, sku)
      if (sku === 'hasty' && times === 1) throw new Error('the directory is slow')
      if (sku === 'orphan') return { principals: [undefined as unknown as string] }
      return { principals: [facts.manager] }
    },
    approval: {
      rules: [
        { name: 'above-5000', when: { fact: 'eur', above: 5_000 }, verdict: 'deny' },
        { name: 'above-1500', when: { fact: 'eur', above: 1_500 }, verdict: 'ask' },
      ],
    },
    async execute({ sku }, { runId, facts, approvedBy }) {
      orders.push({ runId, sku, facts, approvedBy })
      return { ordered: sku, eur: facts.eur }
    },
  })
  const agent = defineAgent({
    name: 'desk',
    version: 'v1',
    instructions: 'Order what is asked for.',
    tools: [order],
  })
  return { app: defineApp({ name: 'desk', agents: [agent] }), orders, looked }
}

/** Orders what the input names, and then repeats what the tool said. */
export const orderAndRepeat: Script = ({ messages }) => {
  const result = messages.findLast(({ role }) => role === 'tool')
  if (result !== undefined) return { text: wordsOf(result) }
  return { toolCalls: [{ tool: 'order', arguments: { sku: firstWords(messages) } }] }
}

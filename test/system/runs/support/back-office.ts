import { z } from 'zod'
import type { Caller } from '../../../../src/app/tool.ts'
import { type App, defineAgent, defineApp, defineTool, handoff, subAgent } from '../../../../src/index.ts'
import type { Script } from '../../../../src/testing/script.ts'
import { firstWords, wordsOf } from '../../../support/office/words.ts'

/** Names that only whoever asks has, and that no model must ever read. */
export const CANARY = {
  tenant: 'canary-tenant',
  principal: 'canary-ann',
  groups: ['canary-finance', 'canary-staff'],
  scopes: ['tools:canary.refunds', 'tools:canary.mail'],
} as const

/** A handler that was given a caller. */
interface Given {
  readonly by: string
  readonly caller: Caller
}

export interface BackOffice {
  readonly app: App
  readonly given: Given[]
}

const NOTE = z.strictObject({ note: z.string() })

/** An application whose tools demand scopes and groups, and write down whom they act for. */
export function backOffice(): BackOffice {
  const given: Given[] = []
  const take = (by: string, caller: Caller) => given.push({ by, caller })
  const refund = defineTool({
    name: 'refund',
    description: 'Pays money back.',
    input: NOTE,
    effect: 'write',
    requires: { scopes: ['tools:canary.refunds'], groups: ['canary-finance', 'canary-managers'] },
    approval: { rules: [{ name: 'large', when: { fact: 'eur', above: 100 }, verdict: 'ask' }] },
    facts(_, { caller }) {
      take('facts', caller)
      return { eur: 200 }
    },
    approvers({ caller }) {
      take('approvers', caller)
      return { principals: ['meg'] }
    },
    execute({ note }, { caller }) {
      take('refund', caller)
      return { refunded: note }
    },
  })
  const mail = defineTool({
    name: 'mail',
    description: 'Writes to the customer.',
    input: NOTE,
    effect: 'write',
    requires: { scopes: ['tools:canary.mail'] },
    execute({ note }, { caller }) {
      take('mail', caller)
      return { sent: note }
    },
  })
  const research = defineAgent({
    name: 'research',
    version: 'v1',
    instructions: 'Find it out.',
    tools: [mail, refund],
  })
  const billing = defineAgent({ name: 'billing', version: 'v1', instructions: 'Bill.', tools: [mail] })
  const desk = defineAgent({
    name: 'desk',
    version: 'v1',
    instructions: 'Help.',
    tools: [
      refund,
      mail,
      handoff({ to: 'billing', requires: { groups: ['canary-staff'] } }),
      subAgent({ to: 'research', groups: ['canary-staff', 'boss'], scopes: ['tools:canary.mail'] }),
    ],
  })
  const app = defineApp({
    name: 'back_office',
    agents: [desk, billing, research],
    context({ caller }) {
      take('context', caller)
      return {}
    },
  })
  return { app, given }
}

/**
 * Calls the tools that the first message names, `a b` one after the other, whether it is told of them or not, and at last says what the
 * last of them said. A task of a sub-agent is read the same way.
 */
export const callWhatIsNamed: Script = ({ messages }) => {
  const results = messages.filter(({ role }) => role === 'tool')
  const next = firstWords(messages).split(' ')[results.length]
  if (next === undefined) return { text: results.map(wordsOf).join('\n') }
  const [tool = '', task = ''] = next.split('>')
  return { toolCalls: [{ tool, arguments: argumentsOf(tool, task) }] }
}

function argumentsOf(tool: string, task: string) {
  if (tool === 'ask_research') return { task: task.replaceAll('+', ' ') }
  return tool === 'handoff_to_billing' ? { reason: 'It is a bill.' } : { note: 'please' }
}

import { z } from 'zod'
import { REQUEST_LIMITS } from '../../../policies/api.ts'
import { BROWSER_TOKENS } from '../../../policies/tokens.ts'
import { actsFor, RIGHTS_NEED_PRINCIPAL, rightsNeedPrincipal } from '../../access/acting.schema.ts'
import { runId, threadId } from '../../http/requests/ids.schema.ts'
import { text } from '../../http/requests/text.schema.ts'

const { lifeSeconds, mostAgents } = BROWSER_TOKENS

export const newTokenBody = z
  .strictObject({
    run_id: runId.optional(),
    thread_id: threadId.optional().describe('For the thread, and all runs that are turns in it.'),
    write: z
      .boolean()
      .default(false)
      .describe('Whether it may send messages, cancel and, in a thread, start turns. Reading it may always.'),
    agents: z
      .array(text(REQUEST_LIMITS.agentCharacters).min(1))
      .min(1)
      .max(mostAgents)
      .optional()
      .describe(
        'The agents of which it may start turns; all of them where nothing is said. One of them at least has to be there.',
      ),
    expires_in: z
      .int()
      .min(lifeSeconds.least)
      .max(lifeSeconds.most)
      .default(lifeSeconds.usual)
      .describe(
        `Seconds. The token ends with the credential that makes it, where that ends before; one that ends within ${lifeSeconds.least} seconds makes none.`,
      ),
    ...actsFor,
  })
  .check(rightsNeedPrincipal)
  .check(({ value: { run_id, thread_id, write, agents }, issues }) => {
    const wrong = (name: string, message: string) =>
      issues.push({ code: 'custom', path: [name], message, input: name })
    if (run_id === undefined && thread_id === undefined) wrong('run_id', 'Either `run_id` or `thread_id`.')
    if (run_id !== undefined && thread_id !== undefined) wrong('thread_id', 'Not together with `run_id`.')
    if (agents !== undefined && !(write && thread_id !== undefined)) {
      wrong('agents', 'Only with `thread_id` and `write`.')
    }
  })
  .meta({
    id: 'NewToken',
    ...RIGHTS_NEED_PRINCIPAL,
    oneOf: [
      { required: ['run_id'], properties: { thread_id: false, agents: false } },
      { required: ['thread_id'], properties: { run_id: false, agents: false } },
      { required: ['thread_id', 'write', 'agents'], properties: { run_id: false, write: { const: true } } },
    ],
    examples: [
      { thread_id: 'thr_01m7yq8q2gdbbqgm1n66bx74er', write: true, agents: ['support'], principal: 'ann' },
      { run_id: 'run_01m7yq8q2gdbbqgm1n66bx74er', expires_in: 300 },
    ],
  })

export const token = z
  .strictObject({
    object: z.literal('token'),
    id: z.string().describe('Names the token on the record and in the log; it lets nobody in.'),
    token: z.string().describe('The token itself, `hft_…`: shown now, and never again.'),
    run_id: runId.optional(),
    thread_id: threadId.optional(),
    write: z.boolean(),
    agents: z.array(z.string()).optional(),
    principal: z.string().describe('In whose name its bearer acts.'),
    expires_at: z.iso.datetime(),
    expires_in: z
      .int()
      .min(lifeSeconds.least)
      .max(lifeSeconds.most)
      .describe('The same in seconds from now, for a page whose clock is wrong.'),
  })
  .meta({ id: 'Token' })

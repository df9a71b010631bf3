import type { FastifyRequest } from 'fastify'
import { covers } from '../../../contracts/access/api-key.ts'
import type { RunId } from '../../../contracts/runs/run.ts'
import type { ThreadId } from '../../../contracts/threads/thread.ts'
import { BROWSER_TOKENS } from '../../../policies/tokens.ts'
import { actingFor } from '../../access/acting.ts'
import type { Confinement } from '../../access/browser-tokens/confinement.ts'
import { makeBrowserToken } from '../../access/browser-tokens/make-browser-token.ts'
import { insufficientScope } from '../../access/insufficient-scope.ts'
import type { Principal } from '../../access/principal.ts'
import { reaches } from '../../access/reaches.ts'
import { requireThread } from '../../access/require-thread.ts'
import type { Api, ApiContext } from '../../context.ts'
import { OF_BODY, problems } from '../../http/problems/problem.schema.ts'
import { Problem } from '../../http/problems/problem.ts'
import { requireRun } from '../require-run.ts'
import { newTokenBody, token } from './token.schema.ts'

const schema = {
  operationId: 'createToken',
  tags: ['tokens'],
  summary: 'Make a short-lived token for a page: for one run, or one thread',
  description: `The token reads its run or thread and, with \`write\`, sends messages, cancels and starts turns in the thread; it decides no approvals, and everything else is answered 403 or 404. It ends when its time is up, when the key that has made it is revoked, expires or loses the secret that it had then, and when the thread is deleted. A credential that ends within ${BROWSER_TOKENS.lifeSeconds.least} seconds makes none: it is answered 401, as if it had ended. \`write\` takes the scope \`runs:write\`, and \`principal\` the scope \`principals:act\`.`,
  body: newTokenBody,
  response: {
    201: token,
    ...problems(...OF_BODY, 'not_found', 'unknown_agent'),
  },
}

type Target = Confinement['target']

export function addTokens(
  api: Api,
  { app, database, secret }: Pick<ApiContext, 'app' | 'database' | 'secret'>,
): void {
  const config = { access: ['runs:read'] } as const

  api.post('/v1/tokens', { schema, config }, async (request, reply) => {
    const { run_id: runId, thread_id: threadId, write, agents, expires_in: lifeSeconds } = request.body
    const as = actingFor(request.principal, request.body)
    const target = targetOf(runId, threadId)
    if (runId !== undefined) request.facts.runId = runId
    if (agents !== undefined) requireSomeAgent(agents)
    if (write && !covers(as.scopes, 'runs:write')) {
      throw insufficientScope(['runs:write'], 'A token that may write takes the scope runs:write.')
    }
    const owner = await ownerOf(target, as)
    if (write && !reaches(as, owner, 'write')) throw new Problem('not_found')
    const { signedWith, caller } = credentialOf(request)
    const confinement = { target, write, agents: agents ?? null }
    const { id, text, expiresAt, expiresIn } = await makeBrowserToken(signedWith, caller, {
      as,
      confinement,
      lifeSeconds,
    })
    request.facts.targetId = id
    return reply.code(201).send({
      object: 'token' as const,
      id,
      token: text,
      ...(runId !== undefined && { run_id: runId }),
      ...(threadId !== undefined && { thread_id: threadId }),
      write,
      ...(agents !== undefined && { agents }),
      principal: as.id,
      expires_at: expiresAt,
      expires_in: expiresIn,
    })
  })

  /** While builds change, a backend names agents that this one has not yet, or no more: one that is there is enough. */
  function requireSomeAgent(agents: readonly string[]): void {
    if (app.agents.some(({ name }) => agents.includes(name))) return
    const errors = agents.map((_, at) => ({
      pointer: `/agents/${at}`,
      detail: 'There is no agent with this name.',
    }))
    throw new Problem('unknown_agent', { errors })
  }

  /** Whose it is. @throws Problem not_found where the caller may not read it */
  async function ownerOf(target: Target, caller: Principal): Promise<string> {
    const found =
      'runId' in target
        ? await requireRun(database, caller, target.runId, 'read')
        : await requireThread(database, caller, target.threadId, 'read')
    return found.principal
  }

  function credentialOf({ caller }: FastifyRequest) {
    if (caller !== null && secret !== null) return { caller, signedWith: secret }
    throw new Problem('forbidden', { detail: 'No token is needed where nobody is asked for a credential.' })
  }
}

/** The schema lets through one of the two. */
function targetOf(runId: RunId | undefined, threadId: ThreadId | undefined): Target {
  if (threadId !== undefined) return { threadId }
  if (runId !== undefined) return { runId }
  throw new Problem('invalid_request')
}

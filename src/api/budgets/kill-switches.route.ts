import {
  type KillSwitch,
  type KillSwitchKey,
  listKillSwitches,
  putKillSwitch,
  removeKillSwitch,
} from '../../store/budgets/kill-switches.ts'
import type { Principal } from '../access/principal.ts'
import type { Api, ApiContext } from '../context.ts'
import { noQuery } from '../http/paging/paging.schema.ts'
import { onOnePage } from '../http/paging/to-page.ts'
import { OF_BODY, problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { announceKillSwitch } from './announce-kill-switch.ts'
import {
  type KillSwitchResource,
  killSwitch,
  killSwitchBody,
  killSwitchPage,
  killSwitchParams,
} from './kill-switch.schema.ts'
import { sharedSubject } from './shared-subject.ts'

const listSchema = {
  operationId: 'listKillSwitches',
  tags: ['budgets'],
  summary: "This tenant's kill switches that are on",
  querystring: noQuery,
  response: { 200: killSwitchPage, ...problems() },
}

const putSchema = {
  operationId: 'putKillSwitch',
  tags: ['budgets'],
  summary: 'Stop a tenant or an agent',
  description:
    'No model is asked any more and no tool called, within 5 seconds everywhere. Calls under way end. Runs wait until the switch is taken back, or as long as a run waits for its budget.',
  params: killSwitchParams,
  body: killSwitchBody,
  response: {
    200: killSwitch,
    ...problems(...OF_BODY, 'not_found', 'unknown_agent'),
  },
}

const deleteSchema = {
  operationId: 'deleteKillSwitch',
  tags: ['budgets'],
  summary: 'Take a kill switch back',
  description: 'Runs that wait for it go on.',
  params: killSwitchParams,
  response: { 200: killSwitch, ...problems('not_found') },
}

const READ = { access: ['usage:read'] } as const
const WRITE = { access: ['budgets:write'], refused: 'never' } as const

export function addKillSwitches(api: Api, context: ApiContext): void {
  const { app, database } = context

  api.get('/v1/kill-switches', { schema: listSchema, config: READ }, async (request) =>
    onOnePage((await listKillSwitches(database, request.principal.tenant)).map(toResource)),
  )

  const path = '/v1/kill-switches/:scope/:subject'
  api.put(path, { schema: putSchema, config: WRITE }, async (request) => {
    const { params, principal, body } = request
    const key = keyOf(params, principal)
    if (key.scope === 'agent' && !app.hasAgent(key.subject)) throw new Problem('unknown_agent')
    const stored = await putKillSwitch(database, { ...key, by: principal.id, reason: body.reason })
    announceKillSwitch(context, key)
    return toResource(stored)
  })

  api.delete(path, { schema: deleteSchema, config: WRITE }, async (request) => {
    const key = keyOf(request.params, request.principal)
    const removed = await removeKillSwitch(database, key)
    if (removed === null) throw new Problem('not_found')
    announceKillSwitch(context, key)
    return toResource(removed)
  })
}

function keyOf({ scope, subject }: Omit<KillSwitchKey, 'tenant'>, principal: Principal): KillSwitchKey {
  return { tenant: principal.tenant, scope, subject: sharedSubject(scope, subject, principal) }
}

function toResource({ scope, subject, by, reason, at }: KillSwitch): KillSwitchResource {
  return { object: 'kill_switch', scope, subject, by, reason, at }
}

import { usedModels } from '../../app/models/used-models.ts'
import { covers } from '../../contracts/access/api-key.ts'
import { PRESENCE } from '../../policies/operations/processes.ts'
import { listWorkers } from '../../store/processes/processes.ts'
import type { ModelKey } from '../../store/traffic/circuit-row.ts'
import { forceCircuit, listCircuits, listReports } from '../../store/traffic/circuits.ts'
import { listBuckets } from '../../store/traffic/list-buckets.ts'
import { findPauses, liftPause } from '../../store/traffic/pauses.ts'
import type { Api, ApiContext } from '../context.ts'
import { noQuery } from '../http/paging/paging.schema.ts'
import { onOnePage } from '../http/paging/to-page.ts'
import { OF_BODY, problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { forTenants } from './for-tenants.ts'
import {
  breaker,
  breakerBody,
  breakerParams,
  type ProviderResource,
  providerPage,
} from './provider.schema.ts'
import { toBreakerResource } from './to-breaker-resource.ts'
import { toProviderLoad } from './to-provider-load.ts'

const listSchema = {
  operationId: 'listProviders',
  tags: ['providers'],
  summary: 'Providers of models, their circuit breakers, and how much they are asked',
  description:
    'The models of all agents, and those that earlier runs have asked. A circuit breaker that is open keeps calls from its model: runs go on with the next model of their chain, or wait. Workers, what they report and who holds a breaker are told with the scope `metrics:read` alone.',
  querystring: noQuery,
  response: { 200: providerPage, ...problems() },
}

const putSchema = {
  operationId: 'putBreaker',
  tags: ['providers'],
  summary: 'Hold a circuit breaker open or closed',
  description:
    'Every worker goes by it within 2 seconds, for the runs of all tenants. Calls under way end. `closed` also ends the pause of a model that is held (`held_until`); the next `Retry-After` of its provider begins another. `auto` gives it back to what the calls come to.',
  params: breakerParams,
  body: breakerBody,
  response: {
    200: breaker,
    ...problems(...OF_BODY, 'not_found'),
  },
}

const READ = { access: ['usage:read', 'metrics:read'] } as const
/** The providers are everybody's, whatever the tenant. */
const WRITE = { access: ['providers:write'] } as const

export function addProviders(api: Api, { app, database }: Pick<ApiContext, 'app' | 'database'>): void {
  async function listModels(): Promise<ListedModel[]> {
    const [circuits, reports, pauses] = await Promise.all([
      listCircuits(database),
      listReports(database),
      findPauses(database),
    ])
    const keys = [...usedModels(app).values()].map(({ model }) => model)
    const known = uniqueKeys([...keys, ...circuits, ...reports, ...pauses])
    return known.map((key) => ({
      breaker: toBreakerResource(key, circuits.find((circuit) => isSame(circuit, key)) ?? null, reports),
      held_until: pauses.find((pause) => isSame(pause, key))?.until ?? null,
    }))
  }

  api.get('/v1/providers', { schema: listSchema, config: READ }, async ({ principal }) => {
    const [models, buckets, workers] = await Promise.all([
      listModels(),
      listBuckets(database, principal.tenant),
      listWorkers(database, PRESENCE.livesForMs),
    ])
    const providers = byProvider(models).map((one) => ({
      ...one,
      ...toProviderLoad(one.name, buckets, workers),
    }))
    return onOnePage(covers(principal.scopes, 'metrics:read') ? providers : providers.map(forTenants))
  })

  const path = '/v1/providers/:provider/:model/breaker'
  api.put(path, { schema: putSchema, config: WRITE }, async ({ params, body, principal }) => {
    if (!(await listModels()).some(({ breaker }) => isSame(breaker, params))) throw new Problem('not_found')
    const forced = body.state === 'auto' ? null : body.state
    const circuit = await database.transaction(async (tx) => {
      if (forced === 'closed') await liftPause(tx, params)
      return forceCircuit(tx, params, { forced, by: principal.id })
    })
    return toBreakerResource(params, circuit, await listReports(database))
  })
}

type ListedModel = Omit<ProviderResource['models'][number], 'name'>

function isSame(one: ModelKey, other: ModelKey): boolean {
  return one.provider === other.provider && one.model === other.model
}

function uniqueKeys(keys: readonly ModelKey[]): ModelKey[] {
  return [...new Map(keys.map((key) => [JSON.stringify([key.provider, key.model]), key])).values()]
}

function byProvider(models: readonly ListedModel[]): Omit<ProviderResource, 'limits' | 'workers'>[] {
  const names = [...new Set(models.map(({ breaker }) => breaker.provider))].toSorted()
  return names.map((name) => ({
    object: 'provider',
    name,
    models: models
      .filter(({ breaker }) => breaker.provider === name)
      .map((one) => ({ name: one.breaker.model, ...one }))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1)),
  }))
}

import { usedModels } from '../../app/models/used-models.ts'
import type { ModelKey } from '../../store/traffic/circuit-row.ts'
import { forceCircuit, listCircuits, listReports } from '../../store/traffic/circuits.ts'
import type { Api, ApiContext } from '../context.ts'
import { noQuery } from '../http/paging.schema.ts'
import { problems } from '../http/problem.schema.ts'
import { Problem } from '../http/problem.ts'
import { onOnePage } from '../http/to-page.ts'
import {
  type BreakerResource,
  breaker,
  breakerBody,
  breakerParams,
  type ProviderResource,
  providerPage,
} from './provider.schema.ts'
import { toBreakerResource } from './to-breaker-resource.ts'

const listSchema = {
  operationId: 'listProviders',
  tags: ['providers'],
  summary: 'Providers of models, and their circuit breakers',
  description:
    'The models of all agents, and those that earlier runs have asked. A circuit breaker that is open keeps calls from its model: runs go on with the next model of their chain, or wait.',
  querystring: noQuery,
  response: { 200: providerPage, ...problems() },
}

const putSchema = {
  operationId: 'putBreaker',
  tags: ['providers'],
  summary: 'Hold a circuit breaker open or closed',
  description:
    'Every worker goes by it within 2 seconds, for the runs of all tenants. Calls under way end. `auto` gives it back to what the calls come to.',
  params: breakerParams,
  body: breakerBody,
  response: {
    200: breaker,
    ...problems('invalid_json', 'not_found', 'payload_too_large', 'unsupported_media_type'),
  },
}

const READ = { access: ['usage:read'] } as const
/** The providers are everybody's, whatever the tenant. */
const WRITE = { access: ['admin'] } as const

export function addProviders(api: Api, { app, database }: Pick<ApiContext, 'app' | 'database'>): void {
  async function listBreakers(): Promise<BreakerResource[]> {
    const [circuits, reports] = await Promise.all([listCircuits(database), listReports(database)])
    const keys = [...usedModels(app).values()].map(({ model }) => model)
    const known = uniqueKeys([...keys, ...circuits, ...reports])
    return known.map((key) =>
      toBreakerResource(key, circuits.find((circuit) => isSame(circuit, key)) ?? null, reports),
    )
  }

  api.get('/v1/providers', { schema: listSchema, config: READ }, async () =>
    onOnePage(byProvider(await listBreakers())),
  )

  const path = '/v1/providers/:provider/:model/breaker'
  api.put(path, { schema: putSchema, config: WRITE }, async ({ params, body, principal }) => {
    if (!(await listBreakers()).some((one) => isSame(one, params))) throw new Problem('not_found')
    const forced = body.state === 'auto' ? null : body.state
    const circuit = await forceCircuit(database, params, { forced, by: principal.id })
    return toBreakerResource(params, circuit, await listReports(database))
  })
}

function isSame(one: ModelKey, other: ModelKey): boolean {
  return one.provider === other.provider && one.model === other.model
}

function uniqueKeys(keys: readonly ModelKey[]): ModelKey[] {
  return [...new Map(keys.map((key) => [JSON.stringify([key.provider, key.model]), key])).values()]
}

function byProvider(breakers: readonly BreakerResource[]): ProviderResource[] {
  const names = [...new Set(breakers.map(({ provider }) => provider))].toSorted()
  return names.map((name) => ({
    object: 'provider',
    name,
    models: breakers
      .filter(({ provider }) => provider === name)
      .toSorted((one, other) => (one.model < other.model ? -1 : 1))
      .map((breaker) => ({ name: breaker.model, breaker })),
  }))
}

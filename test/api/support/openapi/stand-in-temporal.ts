import type { Client } from '@temporalio/client'
import { SEARCH_ATTRIBUTES } from '../../../../src/api/temporal/search-attributes.ts'

export interface StandInTemporal {
  readonly client: Client
  /** While it is true every call fails as it does without a server. */
  away: boolean
}

/** gRPC's UNAVAILABLE. */
const AWAY = Object.assign(new Error('14 UNAVAILABLE: no connection'), { code: 14, details: 'no connection' })

/** A Temporal that takes whatever the API asks of it and does nothing: every workflow runs, and every schedule is there. */
export function standInTemporal(): StandInTemporal {
  const stand: StandInTemporal = { client: undefined as unknown as Client, away: false }
  const answer =
    <T>(value: T) =>
    async () =>
      value
  const client = {
    options: { namespace: 'default' },
    withDeadline: async (_deadline: number, call: () => Promise<unknown>) => {
      if (stand.away) throw AWAY
      return call()
    },
    workflow: {
      start: answer(undefined),
      list: async function* () {
        yield* []
      },
      getHandle: () => ({
        signal: answer(undefined),
        executeUpdate: answer({}),
        describe: answer({ status: { name: 'RUNNING' } }),
        cancel: answer(undefined),
      }),
    },
    schedule: {
      create: answer(undefined),
      getHandle: () => ({
        update: answer(undefined),
        delete: answer(undefined),
        describe: answer({ state: { paused: false }, info: { nextActionTimes: [new Date(0)] } }),
      }),
    },
    workflowService: {
      describeNamespace: answer({}),
      describeTaskQueue: answer({ pollers: [], stats: { approximateBacklogCount: 0 } }),
    },
    connection: {
      operatorService: {
        listSearchAttributes: answer({
          customAttributes: Object.fromEntries(SEARCH_ATTRIBUTES.map((name) => [name, 2])),
        }),
      },
    },
  }
  return Object.assign(stand, { client: client as unknown as Client })
}

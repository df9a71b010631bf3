import assert from 'node:assert/strict'
import { type TraceResource, trace as traceSchema } from '../../../../src/api/dossier/trace.schema.ts'
import type { RunIdentity } from '../../../../src/contracts/runs/run.ts'
import type { Database } from '../../../../src/store/database/database.ts'
import { storeModelCall } from '../../../../src/store/models/store-model-call.ts'
import { answerTo, assistantMessage, begun } from '../../../store/support/samples.ts'
import { playRun } from '../../support/play-run.ts'
import { get } from '../../support/post.ts'
import { recordingTemporal } from '../../support/recording-temporal.ts'
import { startApi } from '../../support/start-api.ts'
import { makeKey } from '../../support/test-keys.ts'

type Headers = Readonly<Record<string, string>>
type Run = Pick<RunIdentity, 'runId'>

/** An API, and somebody of ann's tenant who may read all of its dossiers. */
export interface Dossiers {
  readonly url: string
  /** The reader's. */
  readonly headers: Headers
  /** A run's dossier, which keeps to its schema. */
  trace(run: Run, query?: string, as?: Headers): Promise<TraceResource>
  /** Status and code of the answer. */
  refused(run: Run, query: string, as?: Headers): Promise<string>
  close(): Promise<void>
}

export async function openDossiers(database: Database): Promise<Dossiers> {
  const { url, close } = await startApi(database, recordingTemporal().client, 'test', {
    auth: 'keys',
    secret: 's'.repeat(32),
  })
  const { headers } = await makeKey(database, { tenant: 'acme', scopes: ['runs:read:all'] })
  return {
    url,
    headers,
    async trace({ runId }, query = '', as = headers) {
      const { status, body } = await get<TraceResource>(`${url}/v1/runs/${runId}/trace${query}`, as)
      assert.equal(status, 200)
      assert.deepEqual(traceSchema.parse(body), body)
      return body
    },
    async refused({ runId }, query, as = headers) {
      const { status, body } = await get<{ code: string }>(`${url}/v1/runs/${runId}/trace${query}`, as)
      return `${status} ${body.code}`
    },
    close,
  }
}

/** A run of ann's that has ended after so many steps. */
export async function played(database: Database, steps: number): Promise<Run> {
  const run = await playRun(database, { tenant: 'acme', principal: 'ann' })
  await run.open()
  for (let step = 1; step <= steps; step += 1) await run.step()
  await run.close()
  return { runId: run.id }
}

/** A step whose tool has given so much. */
export async function callTool(
  database: Database,
  run: RunIdentity,
  step: number,
  bytes: number,
): Promise<void> {
  const call = await begun(database, run, { step, seq: 10 * step })
  const message = assistantMessage('', ['get_order'])
  await storeModelCall(database, answerTo(run, call, { step, seq: 10 * step, message }))
  await database.query({
    text: `insert into messages (run_id, seq, tenant, message)
      select run_id, result_seq, tenant, json_build_object('role', 'tool', 'content', repeat('x', $3::integer))
      from tool_calls where run_id = $1 and step = $2`,
    values: [run.runId, step, bytes],
  })
}

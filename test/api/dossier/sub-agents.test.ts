import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { APPROVAL_TERMS } from '../../../src/policies/approvals.ts'
import { DOSSIER } from '../../../src/policies/operations/dossier.ts'
import { requestApproval } from '../../../src/store/approvals/request-approval.ts'
import type { Database } from '../../../src/store/database/database.ts'
import type { OpenChild } from '../../../src/store/team/open-child.ts'
import { completeChild, identityOf, startChild } from '../../store/support/children.ts'
import { approvalRequest, begun, putCalls, startRun } from '../../store/support/samples.ts'
import { forEachDatabase } from '../../support/database.ts'
import { makeKey } from '../support/test-keys.ts'
import { callTool, type Dossiers, openDossiers } from './support/dossiers.ts'

forEachDatabase((_, open) => {
  describe('the dossier of a run with sub-agents', () => {
    let database: Database
    let dossiers: Dossiers

    before(async () => {
      database = await open()
      dossiers = await openDossiers(database)
    })
    after(() => dossiers.close())

    it('links to their dossiers, and nests them as deep as it is asked to', async () => {
      const run = await startRun(database)
      await begun(database, run)
      await putCalls(database, run, 'research')
      const child = await startChild(database, run)
      await begun(database, identityOf(child))
      await completeChild(database, child)
      const subAgent = async (query: string) =>
        (await dossiers.trace(run, query)).steps[0]?.tool_calls[0]?.sub_agent
      const { trace: none, ...link } = (await subAgent('')) ?? {}
      assert.equal(none, undefined)
      assert.deepEqual(link, {
        run_id: child.childRunId,
        agent: 'research',
        status: 'completed',
        href: `/v1/runs/${child.childRunId}/trace`,
      })
      const nested = (await subAgent('?depth=1'))?.trace
      assert.deepEqual([nested?.run.id, nested?.steps.length], [child.childRunId, 1])
      const text = await fetch(`${dossiers.url}/v1/runs/${run.runId}/trace?depth=1`, {
        headers: { ...dossiers.headers, accept: 'text/plain' },
      })
      assert.match(await text.text(), new RegExp(`^ {4}Run ${child.childRunId} of research 3`, 'm'))
    })

    it('counts what nested dossiers have once against the size of an answer', async () => {
      const run = await startRun(database)
      await begun(database, run)
      await putCalls(database, run, 'research', 3)
      const children: OpenChild[] = []
      // Each has a good third of what an answer may have: counted twice, two of them would leave no room for the third.
      for (const index of [0, 1, 2]) {
        const child = await startChild(database, run, { index })
        await callTool(database, identityOf(child), 1, Math.ceil(0.36 * DOSSIER.pageBytes))
        children.push(child)
      }
      const calls = (await dossiers.trace(run, '?depth=1')).steps[0]?.tool_calls
      assert.deepEqual(
        calls?.map(({ sub_agent }) => sub_agent?.trace?.run.id),
        children.map(({ childRunId }) => childRunId),
      )
    })

    it('nests no dossier that its reader may not read', async () => {
      const run = await startRun(database)
      await begun(database, run)
      await putCalls(database, run, 'research')
      const child = await startChild(database, run)
      const terms = { ...APPROVAL_TERMS.standard, approvers: ['finance'] }
      await requestApproval(database, approvalRequest(run, 0, { terms }))
      const wishes = { tenant: 'acme', principal: 'meg', groups: ['finance'] }
      const approver = await makeKey(database, { ...wishes, scopes: ['approvals:decide'] })
      const { steps } = await dossiers.trace(run, '?depth=1', approver.headers)
      assert.equal(steps[0]?.tool_calls[0]?.sub_agent?.run_id, child.childRunId)
      assert.equal(steps[0]?.tool_calls[0]?.sub_agent?.trace, undefined)
      assert.equal(await dossiers.refused({ runId: child.childRunId }, '', approver.headers), '404 not_found')
    })
  })
})

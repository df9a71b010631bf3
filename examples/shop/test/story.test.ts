import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client, Connection } from '@temporalio/client'
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'
import { startTestSystem } from 'holdfast/testing'
import shop from '../app.ts'
import { seedShop } from '../data/seed-shop.ts'
import { EXAMPLE } from '../example.ts'
import SCRIPT from '../script/index.ts'
import { DATABASES } from './each-database.ts'
import { playStory } from './play-story.ts'
import { activitySummaries } from './workflow-history.ts'

/*
 * The worked example of the README as a caller lives it, on both stores: a damaged espresso machine, a handoff to billing, a
 * refund that a person has to approve, and an answer. It is played once; each test looks at one side of it.
 */

const ATTRIBUTES = ['HoldfastTenant', 'HoldfastAgent', 'HoldfastStatus', 'HoldfastPromptVersion'].map(
  (name) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
)

for (const { name: store, skip, options } of DATABASES) {
  test(`the story on ${store}`, { skip }, async (t) => {
    const system = await startTestSystem({ app: shop, seed: seedShop, script: SCRIPT, ...options })
    t.after(() => system.close())
    const connection = await Connection.connect({ address: system.temporal.address })
    t.after(() => connection.close())
    const client = new Client({ connection, namespace: system.temporal.namespace })
    const key = `story-${store}`
    const story = await playStory(system, client, key)
    const { run, waiting, approval, decided, ended, live } = story
    const workflow = client.workflow.getHandle(`support/default/${key}`)
    await workflow.result()

    await t.test('the same start again is the same run', async () => {
      const again = await system.start({ ...EXAMPLE, as: 'local', idempotencyKey: key })
      assert.equal(again.id, run.id)
    })

    await t.test('the front desk hands it to billing at once, which goes on in the same run', () => {
      const [handoff] = live.filter(({ type }) => type === 'agent.handed_off')
      const { step, tool, to } = handoff?.data ?? {}
      assert.deepEqual([step, tool, to], [1, 'handoff_to_billing', 'billing'])
      assert.equal(ended.agent, 'support')
    })

    await t.test('the run looks up the order and the rules in one step, side by side', () => {
      const [, second] = live.filter(({ type }) => type === 'model.completed')
      const calls = second?.data['tool_calls'] as { tool: string }[]
      assert.deepEqual(
        calls.map(({ tool }) => tool),
        ['get_order', 'search_help'],
      )
      const results = live.filter(({ type, data }) => type === 'tool.completed' && data['step'] === 2)
      assert.deepEqual(results.map(({ data }) => data['tool']).sort(), ['get_order', 'search_help'])
    })

    await t.test('it stops before the refund, and says whom it waits for and why', () => {
      assert.deepEqual([waiting.status, waiting.reason], ['requires_action', 'approval'])
      assert.deepEqual(waiting.required_action, { type: 'approval', approvals: [approval.id] })
      assert.equal(story.pendingApprovals, 1)
      assert.equal(approval.run_id, run.id)
      assert.deepEqual(
        [approval.tool, approval.effect, approval.rule, approval.status],
        ['issue_refund', 'irreversible', 'refund-above-50', 'pending'],
      )
      assert.equal(approval.arguments['order_number'], 'L-20871')
      assert.deepEqual(approval.allowed_decisions, ['approve', 'edit', 'reject', 'respond'])
      assert.deepEqual(story.refundsBefore, [])
    })

    await t.test('the approved refund is in the shop exactly once, with the amount that was approved', () => {
      assert.equal(decided.status, 'approved')
      assert.deepEqual(story.refunds, [{ cents: approval.arguments['amount_cents'], key: `${run.id}/3/0` }])
    })

    await t.test('the finished run tells its answer, what it used and which model served', () => {
      assert.equal(ended.status, 'completed')
      assert.match(ended.output ?? '', /^I have refunded €.* to Visa ending in 4417/)
      assert.equal(ended.served_by, 'gpt-5.5')
      assert.equal(ended.required_action, undefined)
      assert.equal(ended.steps, 4)
      const { usage } = ended
      assert.deepEqual([usage.model_calls, usage.tool_calls], [4, 3])
      assert.ok(usage.input_tokens > usage.output_tokens && usage.output_tokens > 0)
      assert.ok(usage.cached_input_tokens > 0 && (usage.cost_micro_usd ?? 0) > 0)
      assert.ok(ended.started_at && ended.completed_at && ended.started_at <= ended.completed_at)
    })

    await t.test(
      'who watches live sees every event once, in order and without gaps, until the last one',
      async () => {
        assert.deepEqual(
          live.map(({ seq }) => seq),
          live.map((_, index) => index + 1),
        )
        assert.deepEqual(
          live.map(({ type }) => type),
          [
            'run.queued',
            'run.started',
            'model.completed',
            'agent.handed_off',
            'model.completed',
            'tool.completed',
            'tool.completed',
            'model.completed',
            'approval.requested',
            'approval.decided',
            'tool.started',
            'tool.completed',
            'model.completed',
            'run.completed',
          ],
        )
        assert.deepEqual(await run.events(), live)
      },
    )

    await t.test(
      'the transcript has every message, in the order in which the model was shown them',
      async () => {
        const messages = await run.transcript()
        assert.deepEqual(
          messages.map(({ seq, role, tool }) => `${seq} ${tool ?? role}`),
          [
            '0 user',
            '1 assistant',
            '2 handoff_to_billing',
            '3 assistant',
            '4 get_order',
            '5 search_help',
            '6 assistant',
            '7 issue_refund',
            '8 assistant',
          ],
        )
        assert.equal(messages[0]?.content, EXAMPLE.input)
        assert.equal(messages[8]?.content, ended.output)
        assert.deepEqual(messages[6]?.tool_calls?.[0]?.arguments, approval.arguments)
        assert.equal(messages[7]?.call_id, messages[6]?.tool_calls?.[0]?.call_id)
      },
    )

    await t.test('an operator finds it by name, by what it is about and by what it is', async () => {
      const description = await workflow.describe()
      assert.equal(description.type, 'agentRun')
      assert.equal(description.status.name, 'COMPLETED')
      assert.match(
        (await description.staticSummary()) ?? '',
        /^My espresso machine from order L-20871 arrived/,
      )
      assert.match((await description.staticDetails()) ?? '', new RegExp(`\\| run \\| \`${run.id}\` \\|`))
      assert.deepEqual(
        ATTRIBUTES.map((attribute) => description.typedSearchAttributes.get(attribute)),
        ['default', 'support', 'completed', 'v2'],
      )
    })

    await t.test(
      'while it waits, its current details name the call and the approval that it waits for',
      () => {
        assert.match(story.detailsWhileWaiting, /\*\*requires_action\*\*/)
        assert.match(story.detailsWhileWaiting, /waits for a person: issue_refund\(order_number=L-20871/)
        assert.ok(story.detailsWhileWaiting.includes(approval.id))
      },
    )

    await t.test('history says in plain words what each activity was', async () => {
      const summaries = await activitySummaries(client, workflow.workflowId)
      const expected = [
        'openRun: open',
        'callModel: step 1 · gpt-5.5',
        'get_order: order_number=L-20871',
        'search_help: query=',
        'callModel: step 2 · gpt-5.5',
        'callModel: step 3 · gpt-5.5',
        'requestApproval: ask: issue_refund order_number=L-20871',
        'recordDecision: approved by local',
        'issue_refund: order_number=L-20871',
        'callModel: step 4 · gpt-5.5',
        'closeRun: close: completed',
      ]
      for (const words of expected) {
        assert.ok(
          summaries.some((summary) => summary.startsWith(words)),
          `“${words}” is not in ${JSON.stringify(summaries, null, 2)}`,
        )
      }
    })
  })
}

import type { BudgetKey } from '../../store/budgets/budget-key.ts'
import { deleteBudget, listBudgets, putBudget } from '../../store/budgets/budgets.ts'
import { findRunsWaitingForBudget } from '../../store/budgets/waiting-runs.ts'
import type { Principal } from '../access/principal.ts'
import type { Api, ApiContext } from '../context.ts'
import { noQuery } from '../http/paging/paging.schema.ts'
import { onOnePage } from '../http/paging/to-page.ts'
import { OF_BODY, problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { budget, budgetBody, budgetPage, budgetParams, EACH } from './shared-budget.schema.ts'
import { sharedSubject } from './shared-subject.ts'
import { toBudgetResource } from './to-budget-resource.ts'

const listSchema = {
  operationId: 'listBudgets',
  tags: ['budgets'],
  summary: "This tenant's budgets that runs share, all of them",
  querystring: noQuery,
  response: { 200: budgetPage, ...problems() },
}

const putSchema = {
  operationId: 'putBudget',
  tags: ['budgets'],
  summary: 'Set a budget that runs share',
  description:
    'Holds from the next model call on, for runs under way as well. What the period has seen so far counts. Runs that wait for it look again at once.',
  params: budgetParams,
  body: budgetBody,
  response: {
    200: budget,
    ...problems(...OF_BODY, 'not_found', 'unknown_agent'),
  },
}

const deleteSchema = {
  operationId: 'deleteBudget',
  tags: ['budgets'],
  summary: 'Take a budget away',
  description: 'Runs that wait for it look again at once.',
  params: budgetParams,
  response: { 200: budget, ...problems('not_found') },
}

const READ = { access: ['usage:read'] } as const
const WRITE = { access: ['budgets:write'] } as const

export function addBudgets(api: Api, { app, database, workflows, broadcast }: ApiContext): void {
  api.get('/v1/budgets', { schema: listSchema, config: READ }, async (request) =>
    onOnePage((await listBudgets(database, request.principal.tenant)).map(toBudgetResource)),
  )

  const path = '/v1/budgets/:scope/:subject/:period'
  api.put(path, { schema: putSchema, config: WRITE }, async (request) => {
    const { params, principal, body } = request
    const key = keyOf(params, principal)
    if (key.scope === 'agent' && key.subject !== EACH && app.plan(key.subject) === null) {
      throw new Problem('unknown_agent')
    }
    const stored = await putBudget(database, {
      ...key,
      limitMicroUsd: body.max_cost_micro_usd,
      limitTokens: body.max_tokens,
      onReached: body.on_reached,
      threshold: body.threshold,
      by: principal.id,
    })
    wake(key)
    return toBudgetResource(stored)
  })

  api.delete(path, { schema: deleteSchema, config: WRITE }, async (request) => {
    const key = keyOf(request.params, request.principal)
    const deleted = await deleteBudget(database, key)
    if (deleted === null) throw new Problem('not_found')
    wake(key)
    return toBudgetResource(deleted)
  })

  function wake(key: BudgetKey): void {
    broadcast.notifyRuns({
      topic: `budget ${Object.values(key).join(' ')}`,
      find: async () => (await findRunsWaitingForBudget(database, key)).map(({ workflowId }) => workflowId),
      send: (workflowId) => workflows.lookAgain(workflowId),
    })
  }
}

function keyOf({ scope, subject, period }: Omit<BudgetKey, 'tenant'>, principal: Principal): BudgetKey {
  return { tenant: principal.tenant, scope, subject: sharedSubject(scope, subject, principal), period }
}

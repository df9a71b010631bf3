import { isTerminal } from '../../contracts/runs/run.ts'
import { HTTP } from '../../policies/api.ts'
import { newId } from '../../security/new-id.ts'
import { addInboxMessage, listMessages } from '../../store/record/messages.ts'
import { waitsForTurn } from '../../store/record/run-row.ts'
import { actingFor } from '../access/acting.ts'
import { recordIfActing } from '../access/record-if-acting.ts'
import type { Api, ApiContext } from '../context.ts'
import { readContent } from '../files/read-content.ts'
import { OF_FILES, requireReaders } from '../files/require-readers.ts'
import { toPage } from '../http/paging/to-page.ts'
import { OF_BODY, problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { runParams } from '../http/requests/ids.schema.ts'
import { deliverToRun } from './deliver-to-run.ts'
import { addedMessage, addMessageBody, messagePage, messagesQuery } from './message.schema.ts'
import { introductionOf } from './message-introduction.ts'
import { RUN_READERS, requireRun } from './require-run.ts'
import { toMessageResource } from './to-message-resource.ts'

const listSchema = {
  operationId: 'listRunMessages',
  tags: ['runs'],
  summary: "A run's transcript, oldest first",
  params: runParams,
  querystring: messagesQuery,
  response: { 200: messagePage, ...problems('not_found') },
}

const addSchema = {
  operationId: 'addRunMessage',
  tags: ['runs'],
  summary: 'Say something to a run under way',
  description:
    'The run reads it before its next model call. The same `id` again is the same message. In a run of somebody else, which takes the scope `runs:write:all`, the model is told whose words they are; tools go on acting for the principal of the run.',
  params: runParams,
  body: addMessageBody,
  response: {
    202: addedMessage,
    ...problems(
      ...OF_BODY,
      'not_found',
      'run_ended',
      'turn_not_begun',
      'idempotency_key_reused',
      'run_busy',
      ...OF_FILES,
    ),
  },
}

export function addRunMessages(api: Api, context: ApiContext): void {
  const { database, workflows } = context

  api.get(
    '/v1/runs/:id/messages',
    { schema: listSchema, config: { access: RUN_READERS, browserTokens: 'all' } },
    async (request) => {
      const { limit, after } = request.query
      const run = await requireRun(database, request.principal, request.params.id, 'read')
      const page = {
        tenant: run.tenant,
        runId: run.id,
        limit,
        ...(after !== undefined && { after }),
      }
      return toPage(
        await listMessages(database, page),
        (entry) => toMessageResource(run, entry),
        ({ seq }) => String(seq),
      )
    },
  )

  api.post(
    '/v1/runs/:id/messages',
    {
      schema: addSchema,
      config: { access: ['runs:write'], browserTokens: 'writing', acts: true },
      bodyLimit: HTTP.bodyBytes.input,
    },
    async (request, reply) => {
      const author = actingFor(request.principal, request.body)
      const { tenant, id: by } = author
      const { id = newId('msg'), content } = request.body
      const run = await requireRun(database, author, request.params.id, 'write')
      if (waitsForTurn(run)) throw new Problem('turn_not_begun')
      requireReaders(run.plan, [content])
      const said = await readContent(database, author, content, '/content')
      // The message is stored before the signal that names it, since the run may look for it at once.
      const added = await addInboxMessage(database, {
        id,
        tenant,
        runId: run.id,
        ...said,
        by,
        ...(by !== run.principal && { introduction: introductionOf(by) }),
      })
      if (added === 'ended') throw new Problem('run_ended')
      if (added === 'differs') {
        throw new Problem('idempotency_key_reused', { detail: 'This id was used with another message.' })
      }
      if (added === 'full') throw new Problem('run_busy')
      if (added === 'added') await recordIfActing(database, run, author, { message_id: id })
      // The signal is sent again for a message that is stored already, since the first one may have been lost; the run counts an id once.
      // `known`: a model has been shown the message, or its signal was sent often enough. After the run's end nothing is sent.
      if (added !== 'known' && (added !== 'exists' || !isTerminal(run.status))) {
        await deliverToRun(context, run, (workflowId) => workflows.addMessage(workflowId, id))
      }
      return reply.code(202).send({ object: 'added_message' as const, id, run_id: run.id })
    },
  )
}

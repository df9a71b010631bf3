import type { z } from 'zod'
import type { ApprovalResource } from '../../api/approvals/approval.schema.ts'
import type { EventResource } from '../../api/events/event.schema.ts'
import type { MessageResource } from '../../api/runs/message.schema.ts'
import type { RunResource } from '../../api/runs/run.schema.ts'
import type { EventType } from '../../contracts/events/event.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { HttpCaller, StreamedEvent } from './http-caller.ts'
import type { Person } from './person-keys.ts'

export type { ApprovalResource, MessageResource, RunResource }

interface DecisionOptions {
  /** Who decides; the person that started the run where it is not given. */
  readonly as?: Person
  readonly comment?: string
}

/** A call that waits for a person. */
export interface TestApproval {
  /** The approval as the API shows it: tool, arguments, rule, who may decide. */
  readonly resource: ApprovalResource
  approve(options?: DecisionOptions): Promise<ApprovalResource>
  /** The call is made with these arguments. */
  edit(args: JsonObject, options?: DecisionOptions): Promise<ApprovalResource>
  /** The call is not made; the model reads the message. */
  reject(options?: DecisionOptions & { readonly message?: string }): Promise<ApprovalResource>
  /** The call is not made; the model reads the message as its result. */
  respond(message: string, options?: DecisionOptions): Promise<ApprovalResource>
}

export interface TestRun {
  readonly id: string
  /** Waits for the next call that a person is asked about. Throws where the run ends before that. */
  approval(): Promise<TestApproval>
  /** Waits for the next event of this type, after the one that this method returned last for the type. */
  until(type: EventType): Promise<StreamedEvent>
  /** Sends the run a message while it goes on. */
  say(content: string, as?: Person): Promise<void>
  cancel(): Promise<void>
  /** Waits for the run's end, and returns the run as it has ended. */
  end(): Promise<RunResource>
  /**
   * Waits for the run's end, and returns its answer by the schema of its agent's `output`. Throws where the run ends without one that fits.
   *
   * @example
   * const { urgent } = await run.output(triageOutput)
   */
  output<Output>(schema: z.ZodType<Output>): Promise<Output>
  /** The run as it is now. */
  now(): Promise<RunResource>
  /** The messages so far, of the user, the model and the tools. */
  transcript(): Promise<MessageResource[]>
  events(): Promise<StreamedEvent[]>
}

interface TestRunParts {
  readonly id: string
  readonly owner: HttpCaller
  readonly callerFor: (person: Person) => Promise<HttpCaller>
  /** Fails a wait when the model calls are not those that the test expects: the run might go on for hours. */
  readonly orFail: <T>(work: Promise<T>) => Promise<T>
}

export function createTestRun({ id, owner, callerFor, orFail }: TestRunParts): TestRun {
  const path = `/v1/runs/${id}`
  const seen = new Map<string, string>()

  /** The first event of this type after the last one that was returned for the same purpose. */
  async function next(purpose: string, type: EventType): Promise<StreamedEvent> {
    for await (const event of owner.events(id, seen.get(purpose))) {
      seen.set(purpose, event.id)
      if (event.type === type) return event
    }
    const { status, reason } = await owner.get<RunResource>(path)
    throw new Error(`The run ended (${[status, reason].filter(Boolean).join(', ')}) without ${type}.`)
  }

  async function askedApproval(): Promise<TestApproval> {
    const { data } = await next('approval', 'approval.requested')
    const resource = await owner.get<ApprovalResource>(`/v1/approvals/${String(data['approval_id'])}`)
    const decide = async (decision: string, { as, ...words }: DecisionOptions, rest: object = {}) => {
      const caller = as === undefined ? owner : await callerFor(as)
      return caller.post<ApprovalResource>(`/v1/approvals/${resource.id}/decision`, {
        decision,
        arguments_sha256: resource.arguments_sha256,
        ...words,
        ...rest,
      })
    }
    return {
      resource,
      approve: (options = {}) => decide('approve', options),
      edit: (args, options = {}) => decide('edit', options, { arguments: args }),
      reject: (options = {}) => decide('reject', options),
      respond: (message, options = {}) => decide('respond', options, { message }),
    }
  }

  async function ended(): Promise<RunResource> {
    await orFail(drained(owner.events(id)))
    return owner.get(path)
  }

  return {
    id,
    approval: () => orFail(askedApproval()),
    until: (type) => orFail(next(`until ${type}`, type)),
    async say(content, as) {
      const caller = as === undefined ? owner : await callerFor(as)
      await caller.post(`${path}/messages`, { content })
    },
    async cancel() {
      await owner.post(`${path}/cancel`, {})
    },
    end: ended,
    async output(schema) {
      const { status, reason, output, output_json } = await ended()
      if (output_json !== undefined) return schema.parse(output_json)
      const how = [status, reason].filter(Boolean).join(', ')
      throw new Error(`The run ended (${how}) without an answer that fits a schema: ${output ?? 'none'}`)
    },
    now: () => owner.get(path),
    transcript: () => owner.list(`${path}/messages`),
    async events() {
      const recorded = await owner.list<EventResource>(`${path}/events`)
      return recorded.map((event) => ({ id: String(event.seq), ...event }))
    },
  }
}

async function drained(events: AsyncGenerator<unknown>): Promise<void> {
  for await (const _ of events);
}

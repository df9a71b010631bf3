import type { Client, WorkflowStartOptions } from '@temporalio/client'
import type { SignalDefinition, UpdateDefinition } from '@temporalio/common'

interface SentSignal {
  readonly workflowId: string
  readonly name: string
  readonly args: readonly unknown[]
}

/**
 * A Temporal that takes starts, signals, updates and cancels and writes them down; an update is answered with `{}`, and every
 * workflow runs. It is strict: whatever else is asked of it throws, so a test that uses it also says that nothing else was asked.
 */
export function recordingTemporal(): {
  client: Client
  starts: WorkflowStartOptions[]
  signals: SentSignal[]
  updates: SentSignal[]
  cancels: string[]
} {
  const starts: WorkflowStartOptions[] = []
  const signals: SentSignal[] = []
  const updates: SentSignal[] = []
  const cancels: string[] = []
  const client = strict('client', {
    options: { namespace: 'default' },
    withDeadline: (_deadline: number, call: () => Promise<unknown>) => call(),
    workflow: strict('client.workflow', {
      start: async (_type: string, options: WorkflowStartOptions) => {
        starts.push(options)
      },
      getHandle: (workflowId: string) =>
        strict('handle', {
          signal: async ({ name }: SignalDefinition, ...args: unknown[]) => {
            signals.push({ workflowId, name, args })
          },
          executeUpdate: async (
            { name }: UpdateDefinition<unknown, [object]>,
            { args }: { args: unknown[] },
          ) => {
            updates.push({ workflowId, name, args })
            return {}
          },
          describe: async () => ({ status: { name: 'RUNNING' } }),
          cancel: async () => {
            cancels.push(workflowId)
          },
        }),
    }),
  })
  return { client: client as unknown as Client, starts, signals, updates, cancels }
}

function strict<T extends object>(name: string, members: T): T {
  return new Proxy(members, {
    get(target, key, receiver) {
      if (!(key in target)) throw new Error(`unexpected use of ${name}.${String(key)}`)
      return Reflect.get(target, key, receiver) as unknown
    },
  })
}

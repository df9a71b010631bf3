import type { WorkflowBundleOption } from '@temporalio/worker'
import { bundleWorkflows } from '../../worker/workflow-bundle.ts'

let bundled: Promise<WorkflowBundleOption> | undefined

/** The workflows, bundled once a process: it takes seconds, and they are the same for every system. */
export function bundleOnce(): Promise<WorkflowBundleOption> {
  bundled ??= bundleWorkflows()
  return bundled
}

import type { WorkflowBundleOption } from '@temporalio/worker'
import { bundleWorkflows } from '../../src/worker/workflow-bundle.ts'

let bundled: Promise<WorkflowBundleOption> | undefined

/** The workflows, bundled once a test run: it takes seconds. A file run by hand bundles them once for itself. */
export function testWorkflowBundle(): Promise<WorkflowBundleOption> {
  const codePath = process.env['TEST_WORKFLOW_BUNDLE']
  bundled ??= codePath === undefined ? bundleWorkflows() : Promise.resolve({ codePath })
  return bundled
}

import type { WorkflowBundleOption } from '@temporalio/worker'
import { bundleOnce } from '../../src/local/test-system/bundle-once.ts'

/** The workflows, bundled once a test run: it takes seconds. A file run by hand bundles them once for itself. */
export async function testWorkflowBundle(): Promise<WorkflowBundleOption> {
  const codePath = process.env['TEST_WORKFLOW_BUNDLE']
  return codePath === undefined ? bundleOnce() : { codePath }
}

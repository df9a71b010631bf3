import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleWithSourceMap } from '@temporalio/worker'

/** `.ts` where the product runs from source, `.js` in the package: the workflows are beside this file, of its own kind. */
const EXTENSION = extname(import.meta.url)

/** The workflows' code as one script for the sandbox. Takes a second or two; the same for every worker of a build. */
export function bundleWorkflows(): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL(`../workflows/index${EXTENSION}`, import.meta.url)),
    payloadConverterPath: fileURLToPath(
      new URL(`../workflows/payload-converter${EXTENSION}`, import.meta.url),
    ),
    // Its report of modules is for whoever works on the bundler. What goes wrong is thrown.
    logger: new DefaultLogger('ERROR'),
    // Positions are enough for stack traces; the sources in it would be half of what every worker loads.
    webpackConfigHook: (config) => ({ ...config, devtool: 'inline-nosources-source-map' }),
  })
}

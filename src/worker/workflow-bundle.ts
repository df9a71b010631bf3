import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type BundleOptions,
  bundleWorkflowCode,
  DefaultLogger,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker'

type WebpackConfig = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0]

/**
 * The language of the bundle. The bundler's own choice is from before objects could be spread: each copy of a run's state would go
 * through helper functions, property by property.
 */
const TARGET = 'es2022'

/** `.ts` where the product runs from source, `.js` in the package: the workflows are beside this file, of its own kind. */
const EXTENSION = extname(import.meta.url)

const PRODUCT = fileURLToPath(new URL('../..', import.meta.url))

/** The workflows' code as one script for the sandbox. Takes a second or two; the same for every worker of a build. */
export function bundleWorkflows(): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL(`../workflows/index${EXTENSION}`, import.meta.url)),
    payloadConverterPath: fileURLToPath(
      new URL(`../workflows/payload-converter${EXTENSION}`, import.meta.url),
    ),
    // The bundler's report of modules is noise; its errors are thrown.
    logger: new DefaultLogger('ERROR'),
    // Positions are enough for stack traces; the sources in it would be half of what every worker loads.
    // Modules are named by their way from the product's own folder, whatever the working directory is: the build's id must not depend on it.
    webpackConfigHook: (config) => ({
      ...retargeted(config),
      context: PRODUCT,
      output: { ...config.output, pathinfo: false },
      devtool: 'inline-nosources-source-map',
    }),
  })
}

function retargeted(config: WebpackConfig): WebpackConfig {
  const rules = config.module?.rules?.map((rule) => {
    if (!isCompilerRule(rule)) return rule
    const { options } = rule.use
    return { ...rule, use: { ...rule.use, options: { ...options, jsc: { ...options.jsc, target: TARGET } } } }
  })
  return { ...config, module: { ...config.module, ...(rules && { rules }) } }
}

function isCompilerRule(rule: unknown): rule is { use: { options: { jsc: object } } } {
  return (rule as { use?: { options?: { jsc?: object } } } | null)?.use?.options?.jsc !== undefined
}

import { readManifest } from '../telemetry/manifest.ts'

/**
 * Why this Node cannot run the product, for a person; null where it can. npm only warns of an older Node, and what the product lacks in
 * it would come to light as a missing export or as an unknown file extension `.ts`.
 *
 * @param running a version as `process.versions.node` has it
 * @param wanted the product's `engines.node`, such as `>=24`
 */
export function nodeProblem(
  running: string = process.versions.node,
  wanted: string = readManifest().engines.node,
): string | null {
  const least = Number.parseInt(wanted.replace(/^\D+/, ''), 10)
  if (Number.parseInt(running, 10) >= least) return null
  return `Holdfast needs Node ${least} or newer, and this is ${running}. In a project, "npm install --save-dev node@${least}" brings one for its npm scripts and for npx.`
}

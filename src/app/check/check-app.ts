import type { AnyAppDefinition } from '../define/app-definition.ts'
import type { Setup } from '../define/setup-definition.ts'

/** All that is wrong with an application, one problem a line. */
export function* checkApp(definition: AnyAppDefinition, setup: Setup | null): Generator<string> {
  if (setup === null && definition.agents.length === 0) yield 'agents is empty. Add an agent.'
}

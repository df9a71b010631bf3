import type { Dependencies } from '../activities/dependencies.ts'
import { createActivities, type RegisteredActivities } from '../activities/index.ts'
import { createModelAdapters } from '../activities/models/create-model-adapters.ts'
import { findTool } from '../activities/tools/catalog.ts'
import { findPrompt } from '../agents/prompts/find-prompt.ts'
import type { Config } from '../config.ts'

interface Outside extends Pick<Dependencies, 'database' | 'logger' | 'admits'> {
  readonly providers: Config['providers']
}

/** The activities over the tools and prompts of this build, for whichever process a worker runs in. */
export function shippedActivities({ providers, ...outside }: Outside): RegisteredActivities {
  return createActivities({ ...outside, adapterFor: createModelAdapters(providers), findTool, findPrompt })
}

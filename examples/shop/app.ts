import { findTool } from '../../src/activities/tools/catalog.ts'
import { findPrompt } from '../../src/agents/prompts/find-prompt.ts'
import { AGENTS, findAgent, findSpecialist } from '../../src/agents/registry.ts'
import type { App } from '../../src/app/app.ts'
import { resolvePlan } from '../../src/app/plan/resolve-plan.ts'
import { seedShop } from '../../src/dev/shop/seed-shop.ts'
import { EXAMPLE } from './example.ts'

/** The demonstration shop: a support desk with specialists, a researcher, and an assistant without tools. */
const shop: App = {
  holdfast: 'app',
  name: 'shop',
  models: { providers: [], prices: [], named: [] },
  agents: Object.values(AGENTS).map(({ name, version, purpose }) => ({ name, version, purpose })),
  hasAgent: (name) => pageOf(name) !== null,
  plan: (name, overrides) => {
    const agent = findAgent(name)
    return agent === null ? null : resolvePlan(agent.name, overrides)
  },
  tool: findTool,
  prompt: findPrompt,
  instructions: (agent) => {
    const page = pageOf(agent)
    return page === null ? null : findPrompt(page.prompt.name, page.prompt.version)
  },
  context: async () => ({}),
  environment: {
    names: [],
    secrets: [],
    read: () => ({ env: {} }),
    open: async () => ({ env: {}, services: {}, [Symbol.asyncDispose]: async () => undefined }),
  },
  migrations: null,
  local: {
    seed: seedShop,
    script: new URL('../../src/dev/models/scripts/index.ts', import.meta.url),
    example: EXAMPLE,
  },
}

function pageOf(name: string) {
  return findAgent(name) ?? findSpecialist(name)
}

export default shop

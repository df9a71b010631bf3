import type { App, Outside } from '../../src/app/app.ts'
import type { Tool } from '../../src/app/tool.ts'

/** The process of an application without environment and services. */
export const NO_OUTSIDE: Outside = { env: {}, services: {} }

/** An application that has what is given and nothing else. */
export function testApp(parts: Partial<App> = {}): App {
  return {
    holdfast: 'app',
    name: 'test',
    agents: [],
    hasAgent: () => false,
    plan: () => null,
    tool: () => null,
    answerSchema: () => null,
    prompt: () => null,
    instructions: () => null,
    context: async () => ({}),
    environment: {
      names: [],
      secrets: [],
      read: () => ({ env: {} }),
      readProviders: () => ({ providers: [], problems: [] }),
      secretValues: () => [],
      open: async () => ({ ...NO_OUTSIDE, [Symbol.asyncDispose]: async () => undefined }),
    },
    models: { providers: [], prices: [], limits: [] },
    migrations: null,
    local: {},
    ...parts,
  }
}

/** A tool that takes any arguments, and does nothing unless it is told to. */
export function testTool(name: string, parts: Partial<Tool> = {}): Tool {
  return {
    name,
    description: '',
    inputSchema: {},
    invalidArguments: () => [],
    execute: async () => ({}),
    ...parts,
  }
}

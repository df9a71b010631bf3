/*
 * The front door of the package. The plain builders are those of an application without an environment and services of its
 * own; `setup` makes those of one that has them.
 */
import { createDefineAgent } from './app/define/define-agent.ts'
import { createDefineTool } from './app/define/define-tool.ts'
import { createDefineApp } from './app/define-app.ts'

export const defineTool = createDefineTool<unknown, unknown>(null)
export const defineAgent = createDefineAgent<unknown, unknown>(null)
export const defineApp = createDefineApp<unknown, unknown>(null)

export type { App, ContextRequest, LocalSettings } from './app/app.ts'
export type { AppDatabase, AppDb, AppStatement } from './app/app-database.ts'
export { AppUnusable } from './app/app-unusable.ts'
export type { AgentDefinition, DefinedAgent } from './app/define/agent-definition.ts'
export type { AppDefinition } from './app/define/app-definition.ts'
export { handoff, subAgent } from './app/define/delegation-tools.ts'
export { recall, remember } from './app/define/memory-tools.ts'
export type { ModelsDefinition } from './app/define/model-definition.ts'
export { prompt } from './app/define/prompt.ts'
export type { RoutingRule } from './app/define/routing-definition.ts'
export { secret } from './app/define/secret.ts'
export { setup } from './app/define/setup.ts'
export type { DefinedTool, ToolDefinition } from './app/define/tool-definition.ts'
export { isToolError, ToolError } from './app/define/tool-error.ts'
export { toolImage } from './app/define/tool-image.ts'
export type { ApproversOfCall, Caller, ToolContext } from './app/tool.ts'
export type { Json, JsonObject } from './contracts/json.ts'

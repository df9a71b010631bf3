/*
 * `holdfast/testing`: agents under test, without a provider and without Docker.
 */

export type { Message, ToolMessage } from '../contracts/message.ts'
export { WRAP_UP } from '../policies/budgets.ts'
export { plainScript } from './plain-script.ts'
export type {
  Script,
  ScriptedAnswer,
  ScriptedRequest,
  ScriptedToolCall,
} from './script.ts'

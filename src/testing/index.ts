/*
 * `holdfast/testing`: tests of agents, without a provider and without Docker.
 */

export type { Json, JsonObject } from '../contracts/json.ts'
export type { AssistantMessage, Message, ToolCall, ToolMessage } from '../contracts/runs/message.ts'
export { createToolContext, type ToolContextOptions } from '../local/test-system/create-tool-context.ts'
export { type HttpCaller, Refused, type StreamedEvent } from '../local/test-system/http-caller.ts'
export {
  openTestDatabase,
  type TestDatabase,
  type TestDatabaseOptions,
} from '../local/test-system/open-test-database.ts'
export type { Person } from '../local/test-system/person-keys.ts'
export {
  type StartTestRun,
  startTestSystem,
  type TestSystem,
  type TestSystemOptions,
} from '../local/test-system/start-test-system.ts'
export type {
  ApprovalResource,
  MessageResource,
  RunResource,
  TestApproval,
  TestRun,
} from '../local/test-system/test-run.ts'
export { WRAP_UP } from '../policies/budgets.ts'
export type { Absence, CapacityLimit } from './admission.ts'
export type { Delivery, Drip } from './delivery.ts'
export type { Embed } from './endpoints/embeddings.ts'
export {
  createModelExpectations,
  ExpectationError,
  type ExpectedContent,
  type ExpectedModelCall,
  type ModelExpectations,
  type ModelReply,
} from './expectations/model-expectations.ts'
export { FAULT_KINDS, type FaultKind } from './faults/fault-kinds.ts'
export { type FaultOptions, type FaultPlan, faults } from './faults/faults.ts'
export type { BilledCall, Endpoint, LedgerRow } from './ledger.ts'
export { plainScript } from './plain-script.ts'
export type { RecordedRequest } from './recorded-request.ts'
export type {
  Script,
  ScriptedAnswer,
  ScriptedCut,
  ScriptedFailure,
  ScriptedFile,
  ScriptedPieceTwice,
  ScriptedReply,
  ScriptedRequest,
  ScriptedStatus,
  ScriptedStreamError,
  ScriptedToolCall,
  ScriptedWrongLength,
} from './script.ts'
export {
  type ScriptedProvider,
  type ScriptedProviderOptions,
  startScriptedProvider,
} from './start-scripted-provider.ts'

/*
 * `holdfast/testing`: agents under test, without a provider and without Docker.
 */

export {
  createModelExpectations,
  ExpectationError,
  type ExpectedModelCall,
  type ModelExpectations,
  type ModelReply,
  type Sight,
} from './expectations/model-expectations.ts'
export type { RecordedRequest } from './recorded-request.ts'
export type {
  Script,
  ScriptedAnswer,
  ScriptedFailure,
  ScriptedReply,
  ScriptedRequest,
  ScriptedStatus,
  ScriptedStreamError,
  ScriptedToolCall,
} from './script.ts'
export {
  type ScriptedProvider,
  type ScriptedProviderOptions,
  startScriptedProvider,
} from './start-scripted-provider.ts'

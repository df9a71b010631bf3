/*
 * Names of spans and attributes. Those under `gen_ai.` are OpenTelemetry's conventions for generative AI, which still move: this is the
 * only file that knows them. Ours are under `holdfast.`.
 */

/** What `gen_ai.operation.name` says. */
export const OPERATION = {
  run: 'invoke_agent',
  chat: 'chat',
  embeddings: 'embeddings',
  tool: 'execute_tool',
} as const

export const GEN_AI = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  agent: 'gen_ai.agent.name',
  agentVersion: 'gen_ai.agent.version',
  conversation: 'gen_ai.conversation.id',
  requestModel: 'gen_ai.request.model',
  maxTokens: 'gen_ai.request.max_tokens',
  responseModel: 'gen_ai.response.model',
  responseId: 'gen_ai.response.id',
  finishReasons: 'gen_ai.response.finish_reasons',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cacheReadTokens: 'gen_ai.usage.cache_read.input_tokens',
  cacheWriteTokens: 'gen_ai.usage.cache_creation.input_tokens',
  toolName: 'gen_ai.tool.name',
  toolType: 'gen_ai.tool.type',
  toolCall: 'gen_ai.tool.call.id',
  toolArguments: 'gen_ai.tool.call.arguments',
  toolResult: 'gen_ai.tool.call.result',
  inputMessages: 'gen_ai.input.messages',
  outputMessages: 'gen_ai.output.messages',
} as const

export const HOLDFAST = {
  run: 'holdfast.run.id',
  parentRun: 'holdfast.run.parent_id',
  resumes: 'holdfast.run.resumes',
  status: 'holdfast.run.status',
  reason: 'holdfast.run.reason',
  steps: 'holdfast.run.steps',
  prompt: 'holdfast.prompt.version',
  tenant: 'holdfast.tenant',
  step: 'holdfast.step',
  hop: 'holdfast.hop',
  attempt: 'holdfast.attempt',
  outcome: 'holdfast.outcome',
  purpose: 'holdfast.model.purpose',
  firstByteMs: 'holdfast.model.first_byte_ms',
  reasoningTokens: 'holdfast.usage.reasoning_tokens',
  costMicroUsd: 'holdfast.cost_micro_usd',
  cache: 'holdfast.cache.outcome',
  savedMicroUsd: 'holdfast.cache.saved_micro_usd',
  retryAfterMs: 'holdfast.retry_after_ms',
  callIndex: 'holdfast.tool.index',
  callAgain: 'holdfast.tool.again',
  effect: 'holdfast.tool.effect',
  approval: 'holdfast.approval.id',
  approvalOutcome: 'holdfast.approval.outcome',
  approvalBy: 'holdfast.approval.by',
  handedTo: 'holdfast.handoff.to',
  childRun: 'holdfast.sub_agent.run_id',
  rule: 'holdfast.route.rule',
  window: 'holdfast.context.window',
  strategy: 'holdfast.context.strategy',
  tokensBefore: 'holdfast.context.tokens_before',
  tokensAfter: 'holdfast.context.tokens_after',
  webhook: 'holdfast.webhook.id',
  delivery: 'holdfast.webhook.delivery',
  activity: 'holdfast.activity',
  waitedMs: 'holdfast.store.waited_ms',
  guard: 'holdfast.guard',
  problem: 'holdfast.guard.problem',
} as const

/** Of the conventions for databases. */
export const DB = {
  system: 'db.system.name',
  summary: 'db.query.summary',
} as const

/** Of the conventions for all spans. */
export const ERROR_TYPE = 'error.type'
/** The principal, by the name that backends group the cost by. */
export const USER = 'user.id'
/** The run, by the name that backends group a conversation by. */
export const SESSION = 'session.id'

/** Of the process, not of a span. */
export const SERVICE = {
  name: 'service.name',
  version: 'service.version',
  instance: 'service.instance.id',
  build: 'holdfast.build.id',
} as const

/** The instrumentation's own name. */
export const SCOPE = 'holdfast'

/** Names of the spans that no convention has. */
export const SPAN = {
  queued: 'queued',
  step: (step: number) => `step ${step}`,
  cache: 'look up answer cache',
  heldBack: 'held back',
  approval: 'wait for approval',
  modelWait: 'wait for models',
  budgetWait: 'wait for budget',
  handoff: (to: string) => `hand over to ${to}`,
  route: (agent: string) => `choose models for ${agent}`,
  compaction: 'compact transcript',
  webhook: (event: string) => `deliver ${event}`,
  statement: (name: string) => `store ${name}`,
  guard: (name: string) => `guard ${name}`,
} as const

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import {
  defineAgent,
  defineApp,
  defineTool,
  handoff,
  prompt,
  remember,
  secret,
  setup,
  subAgent,
} from '../../../src/index.ts'

/** An application of a kind that the compiler refuses is written without types, as from JavaScript. */
export type Untyped = Record<string, unknown>

interface WrongApp {
  /** What is wrong with it. */
  readonly what: string
  readonly make: () => unknown
  /** The whole list, to the letter. */
  readonly problems: readonly string[]
}

const app = (definition: Untyped) => defineApp(definition as never)
const tool = (fields: Untyped = {}) =>
  defineTool({
    name: 'pay',
    description: 'Pays an invoice.',
    input: z.strictObject({ number: z.string(), cents: z.int().max(100_000), note: z.string().optional() }),
    effect: 'write',
    execute: () => ({}),
    ...fields,
  } as never)
const agent = (fields: Untyped = {}) =>
  defineAgent({ name: 'billing', version: 'v1', instructions: 'You help.', ...fields } as never)

/** An application with one agent of these fields. */
const withAgent = (fields: Untyped, more: Untyped = {}) =>
  app({ name: 'invoices', agents: [agent(fields)], ...more })
const withTool = (fields: Untyped, more: Untyped = {}) => withAgent({ tools: [tool(fields)] }, more)
const withRule = (rule: Untyped, more: Untyped = {}) =>
  withTool({ approval: { rules: [{ name: 'rule', when: 'always', verdict: 'ask', ...rule }], ...more } })
const withInput = (input: unknown) => withTool({ input })
const withTerms = (terms: Untyped, more: Untyped = {}) =>
  withAgent({}, { approvalTerms: { finance: { approvers: ['finance'], ...terms } }, ...more })
const withModels = (models: Untyped) => withAgent({}, { models })
const withBudget = (budget: Untyped) => withAgent({ budget })
const withEnv = (env: unknown) => {
  const own = setup({ env: env as never })
  return own.defineApp({
    name: 'invoices',
    agents: [own.defineAgent({ name: 'a', version: 'v1', instructions: 'x' })],
  })
}

function folder(files: Readonly<Record<string, string>>): URL {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-app-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return pathToFileURL(path)
}

const other = setup({ env: z.object({ CORP_TOKEN: secret() }) })
const of = (name: string, ...tools: unknown[]) => agent({ name, tools })

export const WRONG_APPS: readonly WrongApp[] = [
  {
    what: 'an application without a name',
    make: () => app({ agents: [agent()] }),
    problems: ['the application: name is missing. Give it one, such as "billing".'],
  },
  {
    what: 'an application whose name has a slash',
    make: () => app({ name: 'shop/eu', agents: [agent()] }),
    problems: [
      'application "shop/eu": a name begins with a lower-case letter and goes on with lower-case letters, digits and underscores. Rename it.',
    ],
  },
  {
    what: 'an application whose name is too long for a table',
    make: () => app({ name: 'a'.repeat(41), agents: [agent()] }),
    problems: [
      'application "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": the name has 41 characters. Shorten it to 40.',
    ],
  },
  {
    what: 'a field that no application has',
    make: () => withAgent({}, { agent: [] }),
    problems: [
      'application "invoices": there is no field "agent". The fields are name, agents, approvalTerms, models, prompts, migrations, context, local.',
    ],
  },
  {
    what: 'no agents',
    make: () => app({ name: 'invoices', agents: [] }),
    problems: ['agents is empty. Add what defineAgent gives.'],
  },
  {
    what: 'nothing that is an agent',
    make: () => app({ name: 'invoices', agents: [{ name: 'billing' }, undefined] }),
    problems: [
      'agents[0] is not an agent. Make it with defineAgent; files that import each other in a circle give undefined.',
      'agents[1] is not an agent. Make it with defineAgent; files that import each other in a circle give undefined.',
    ],
  },
  {
    what: 'a context that is no function',
    make: () => withAgent({}, { context: { user: 'me' } }),
    problems: ['context is not a function. Write context: ({ caller, now }) => ({ … }).'],
  },
  {
    what: 'two agents of one name',
    make: () => app({ name: 'invoices', agents: [agent(), agent({ version: 'v2' })] }),
    problems: ['agent "billing": there are two agents of this name. Rename one.'],
  },
  {
    what: "an agent's name with a slash",
    make: () => withAgent({ name: 'billing/eu' }),
    problems: [
      'agent "billing/eu": a name begins with a lower-case letter and goes on with lower-case letters, digits and underscores. Rename it.',
    ],
  },
  {
    what: "an agent's name that is too long for a provider",
    make: () => withAgent({ name: 'b'.repeat(65) }),
    problems: [
      'agent "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb": the name has 65 characters. Shorten it to 64.',
    ],
  },
  {
    what: 'an agent without a name',
    make: () => withAgent({ name: undefined }),
    problems: ['agents[0]: name is missing. Give it one, such as "billing".'],
  },
  {
    what: 'an agent without a version',
    make: () => withAgent({ version: undefined }),
    problems: [
      'agent "billing": version is missing. Say one, such as "v1", and another with every change of how the agent behaves.',
    ],
  },
  {
    what: 'a version with a blank',
    make: () => withAgent({ version: 'version 1' }),
    problems: [
      'agent "billing": version "version 1" is not one. Use up to 64 letters, digits, dots, dashes and underscores, such as "v1".',
    ],
  },
  {
    what: 'an empty purpose, degraded answer',
    make: () => withAgent({ purpose: ' ', degradedAnswer: '' }),
    problems: [
      'agent "billing": purpose is empty. Say in a sentence what the agent is for, or drop it.',
      'agent "billing": degradedAnswer is empty. Say what the caller reads when no model answers, or drop it.',
    ],
  },
  {
    what: 'a field that no agent has',
    make: () => withAgent({ tool: [] }),
    problems: ['agent "billing": an agent has no field "tool". See what defineAgent takes.'],
  },
  {
    what: 'no instructions',
    make: () => withAgent({ instructions: ' ' }),
    problems: [
      'agent "billing": instructions are empty. Give a text, prompt("name.version"), or a function of the context that gives a text.',
    ],
  },
  {
    what: 'whenNoModel without a time',
    make: () => withAgent({ whenNoModel: { waitMs: 0 } }),
    problems: [
      'agent "billing": whenNoModel is {"waitMs":0}. Say "answer", or { waitMs } with a whole number above 0.',
    ],
  },
  {
    what: 'a cache that is no object',
    make: () => withAgent({ cache: true }),
    problems: [
      'agent "billing": cache is true. Say { exact: { ttlMs } } or { semantic: { ttlMs } }, or both.',
    ],
  },
  {
    what: 'a cache that keeps nothing, with a field that no cache has',
    make: () => withAgent({ cache: { ttlMs: 1_000 } }),
    problems: [
      'agent "billing", cache: there is no field "ttlMs". The fields are exact, semantic, scope, withTools.',
      'agent "billing": cache has neither exact nor semantic, and would keep nothing. Say one of them, or drop it.',
    ],
  },
  {
    what: 'a cache with wrong times, thresholds, scope and tools',
    make: () =>
      withAgent({
        cache: {
          exact: { ttlMs: 1.5 },
          semantic: { threshold: 95, lexicalThreshold: 0 },
          scope: 'world',
          withTools: 'yes',
        },
      }),
    problems: [
      'agent "billing": cache.exact.ttlMs is 1.5. Give a whole number above 0.',
      'agent "billing": cache.semantic.ttlMs is undefined. Give a whole number above 0.',
      'agent "billing": cache.semantic.threshold is 95. Give a cosine above 0 and at most 1.',
      'agent "billing": cache.semantic.lexicalThreshold is 0. Give a cosine above 0 and at most 1.',
      'agent "billing": cache.scope is "world". Say "principal" or "tenant".',
      'agent "billing": cache.withTools is "yes". Say true or false.',
    ],
  },
  {
    what: 'a cache whose parts are no objects',
    make: () => withAgent({ cache: { exact: 60_000, semantic: null } }),
    problems: [
      'agent "billing": cache.exact is 60000. Say { ttlMs }.',
      'agent "billing": cache.semantic is null. Say { ttlMs }.',
    ],
  },
  {
    what: 'startable that is neither',
    make: () => withAgent({ startable: 'no' }),
    problems: ['agent "billing": startable is "no". Say true or false.'],
  },
  {
    what: 'limits that are zero, broken or none of ours',
    make: () => withAgent({ limits: { maxSteps: 0, deadlineMs: 1.5, maxTurns: 3 } }),
    problems: [
      'agent "billing", limits: there is no field "maxTurns". The fields are maxSteps, deadlineMs.',
      'agent "billing": limits.maxSteps is 0. Give a whole number above 0.',
      'agent "billing": limits.deadlineMs is 1.5. Give a whole number above 0.',
    ],
  },
  {
    what: 'budget limits that are negative, not whole or none of ours',
    make: () => withBudget({ limits: { maxCostMicroUsd: -1, maxTokens: 0.5, maxDollars: 2 } }),
    problems: [
      'agent "billing", budget.limits: there is no field "maxDollars". The fields are maxCostMicroUsd, maxTokens, maxModelCalls, maxToolCalls, maxSteps, maxActiveMs.',
      'agent "billing": budget.limits.maxCostMicroUsd is -1. Give a whole number above 0.',
      'agent "billing": budget.limits.maxTokens is 0.5. Give a whole number above 0.',
    ],
  },
  {
    what: 'a window that is no window',
    make: () => withAgent({ window: 16_000 }),
    problems: ['agent "billing": window is 16000. Write window: { maxTokens: 16_000, strategy: \'both\' }.'],
  },
  {
    what: 'a window with odd fields',
    make: () =>
      withAgent({ window: { maxTokens: 900, strategy: 'forget', size: 3, summaryModel: 'openai/' } }),
    problems: [
      'agent "billing", window: there is no field "size". The fields are maxTokens, strategy, summaryModel.',
      'agent "billing": window.strategy is "forget". Say "sliding", "summary" or "both".',
      'agent "billing", window.summaryModel: the chain: "openai/" is not a model\'s name. Write provider/model, such as "openai/gpt-5.5".',
      'agent "billing": window.maxTokens is 900. Give a whole number, 1000 or more.',
    ],
  },
  {
    what: 'a window smaller than what its agent is told in every request',
    make: () =>
      withAgent({
        instructions: 'Be kind. '.repeat(500),
        tools: [tool({ description: 'Pays. '.repeat(100) })],
        window: { maxTokens: 2_000, strategy: 'sliding', summaryModel: 'openai/gpt-5.4-mini' },
      }),
    problems: [
      'agent "billing": window.summaryModel writes no summaries with the strategy "sliding". Say strategy: "summary" or "both", or drop it.',
      'agent "billing": window.maxTokens is 2000, and the instructions and tools alone have about 1344 tokens. Give at least twice as many, or shorten them.',
    ],
  },
  {
    what: 'a budget that does something odd',
    make: () =>
      withBudget({ onReached: 'stop', onUnknownPrice: 'guess', softRatio: 1.5, pauseMs: 0, limit: 3 }),
    problems: [
      'agent "billing", budget: there is no field "limit". The fields are limits, softRatio, onReached, onUnknownPrice, floorOutputTokens, pauseMs, lookAgainMs.',
      'agent "billing": budget.pauseMs is 0. Give a whole number above 0.',
      'agent "billing": budget.onReached is "stop". Say "pause", "degrade", "finish" or "fail".',
      'agent "billing": budget.onUnknownPrice is "guess". Say "deny", "count_tokens" or "allow".',
      'agent "billing": budget.softRatio is 1.5. Give a share above 0 and at most 1.',
    ],
  },
  {
    what: 'a tier that is not there',
    make: () => withAgent({ models: 'fast' }),
    problems: ['agent "billing": there is no tier "fast". There is "standard"; models.tiers adds others.'],
  },
  {
    what: 'a model where a tier would be',
    make: () => withAgent({ models: 'openai/gpt-5.5' }),
    problems: [
      `agent "billing": models is a model's name, and would be a tier's. Write a chain: ["openai/gpt-5.5"].`,
    ],
  },
  {
    what: 'an empty chain',
    make: () => withAgent({ models: [] }),
    problems: ['agent "billing": the chain has no model. Name at least one, such as "openai/gpt-5.5".'],
  },
  {
    what: 'a model without its provider',
    make: () => withAgent({ models: ['gpt-5.5'] }),
    problems: [
      `agent "billing": the chain: "gpt-5.5" is not a model's name. Write provider/model, such as "openai/gpt-5.5".`,
    ],
  },
  {
    what: 'a model of a provider that is not known',
    make: () => withAgent({ models: ['vllm/qwen3'] }),
    problems: [
      'agent "billing": the chain: "vllm/qwen3" is of a provider that is not known. There are "openai", "anthropic"; models.providers adds others.',
    ],
  },
  {
    what: 'a model with an odd row',
    make: () =>
      withAgent({
        models: [{ model: 'openai/gpt-5.5', maxOutputTokens: 0, wire: 'anthropic-messages', temperature: 1 }],
      }),
    problems: [
      'agent "billing": the chain, "openai/gpt-5.5": there is no field "temperature". The fields are model, maxOutputTokens, contextTokens, accepts, wire, hedge, background.',
      'agent "billing": the chain, "openai/gpt-5.5": maxOutputTokens is 0. Give a whole number above 0.',
      'agent "billing": the chain, "openai/gpt-5.5": wire is "anthropic-messages". Say "openai-responses" or "openai-chat".',
    ],
  },
  {
    what: 'answers in the background on a wire that knows none',
    make: () =>
      withAgent({
        models: [
          { model: 'anthropic/claude-haiku-4-5', background: true },
          { model: 'openai/gpt-5.5', wire: 'openai-chat', background: true },
          { model: 'openai/gpt-5.4-mini', background: 'yes' },
        ],
      }),
    problems: [
      'agent "billing": the chain, "anthropic/claude-haiku-4-5": background is true, and anthropic-messages knows no answers in the background. Only openai-responses does.',
      'agent "billing": the chain, "openai/gpt-5.5": background is true, and openai-chat knows no answers in the background. Only openai-responses does.',
      'agent "billing": the chain, "openai/gpt-5.4-mini": background is "yes". Say true or false.',
    ],
  },
  {
    what: 'one model twice in a chain',
    make: () => withAgent({ models: ['openai/gpt-5.5', { model: 'openai/gpt-5.5' }] }),
    problems: [
      'agent "billing": the chain names "openai/gpt-5.5" twice. Asked again at once it would fail again: drop one.',
    ],
  },
  {
    what: 'hedges that lead nowhere',
    make: () =>
      withAgent({
        models: [
          { model: 'openai/gpt-5.5', hedge: 2_000 },
          { model: 'openai/gpt-5.4-mini', hedge: { afterMs: 0, after: 1 } },
          { model: 'anthropic/claude-haiku-4-5', hedge: { afterMs: 2_000 } },
        ],
      }),
    problems: [
      'agent "billing": the chain, "openai/gpt-5.5": hedge is 2000. Say after how long the next model is asked as well: { afterMs: 2_000 }.',
      'agent "billing": the chain, "openai/gpt-5.4-mini", hedge: there is no field "after". The fields are afterMs.',
      'agent "billing": the chain, "openai/gpt-5.4-mini": hedge.afterMs is 0. Give a whole number above 0.',
      'agent "billing": the chain, "anthropic/claude-haiku-4-5": it has a hedge, but no model comes after it. Add one to the chain, or drop hedge.',
    ],
  },
  {
    what: 'routing without a rule',
    make: () => withAgent({ routing: [] }),
    problems: [
      'agent "billing": routing has no rule. Write routing: [{ when: { … }, models: … }], or drop it.',
    ],
  },
  {
    what: 'rules about models that say too little or too much',
    make: () =>
      withAgent({
        routing: [
          'small',
          { name: 'Free!', models: ['openai/gpt-5.5'] },
          { name: 'empty', when: {}, models: [] },
          { name: 'empty', when: { thread: 'new' }, model: ['openai/gpt-5.5'] },
        ],
      }),
    problems: [
      'agent "billing": routing[0] is not a rule. Write { when: { … }, models: … }.',
      'agent "billing", routing rule "Free!": the name is not one of a rule. Use lower-case letters, digits, dashes and underscores, such as "short-input".',
      'agent "billing", routing rule "Free!": when is missing, and the rule would always hold. Give a condition, or put its models in place of the agent\'s.',
      'agent "billing", routing rule "empty": the chain has no model. Name at least one, such as "openai/gpt-5.5".',
      'agent "billing", routing rule "empty": when is {}. Give at least one condition, such as { inputCharacters: { below: 2_000 } }.',
      'agent "billing", routing rule "empty": there are two rules of this name. Rename one.',
      'agent "billing", routing rule "empty": there is no field "model". The fields are name, when, models, classifier.',
      'agent "billing", routing rule "empty": it has to say once where it leads. Give it models, or a classifier, and not both.',
    ],
  },
  {
    what: 'conditions of rules that cannot hold, or that nothing can be held against',
    make: () =>
      withAgent({
        routing: [
          {
            when: {
              inputCharacters: { below: 5, above: 4 },
              messages: { below: -1 },
              thread: 'old',
              tools: 'some',
              group: '',
              tenant: [],
              metadata: { tier: 1 },
              length: 3,
            },
            models: ['openai/gpt-5.5'],
          },
          { when: { inputCharacters: 2_000, messages: { under: 3 } }, models: ['openai/gpt-5.5'] },
        ],
      }),
    problems: [
      'agent "billing", routing rule "rule-1", when: there is no field "length". The fields are inputCharacters, messages, thread, tools, metadata, group, tenant.',
      'agent "billing", routing rule "rule-1": when.inputCharacters is {"below":5,"above":4}, and no number is that. Change one of the two.',
      'agent "billing", routing rule "rule-1": when.messages is {"below":-1}. Give whole numbers.',
      'agent "billing", routing rule "rule-1": when.thread is "old". Say "new" or "continued".',
      'agent "billing", routing rule "rule-1": when.tools is "some". Say "none" or "any".',
      'agent "billing", routing rule "rule-1": when.group is not a group\'s name. Name one.',
      'agent "billing", routing rule "rule-1": when.tenant is not a tenant\'s name. Name one, or several in a list.',
      'agent "billing", routing rule "rule-1": when.metadata is {"tier":1}. Name the entries and their texts, such as { tier: "free" } or { tier: ["free", "trial"] }.',
      'agent "billing", routing rule "rule-2": when.inputCharacters is 2000. Say { below: 2_000 }, { above: 2_000 }, or both.',
      'agent "billing", routing rule "rule-2": when.messages is {"under":3}. Say { below: 2_000 }, { above: 2_000 }, or both.',
    ],
  },
  {
    what: 'classifiers that cannot sort',
    make: () =>
      withAgent({
        routing: [
          { name: 'none', when: { thread: 'new' }, classifier: 'openai/gpt-5.5' },
          {
            name: 'sort',
            classifier: {
              model: 'gpt',
              question: ' ',
              labels: { 'very hard': ['openai/gpt-5.5'], easy: 'openai/gpt-5.5', Easy: 'standard' },
            },
          },
          {
            name: 'late',
            classifier: { model: 'openai/gpt-5.5', question: 'Hard?', labels: { yes: 'standard' } },
          },
        ],
      }),
    problems: [
      'agent "billing", routing rule "none": the classifier is "openai/gpt-5.5". Write { model, question, labels }.',
      'agent "billing", routing rule "sort": the classifier: "gpt" is not a model\'s name. Write provider/model, such as "openai/gpt-5.5".',
      'agent "billing", routing rule "sort": the classifier has no question. Say what the labels mean, such as "Is it easy or hard to answer?".',
      'agent "billing", routing rule "sort": the label "very hard" is not one word. Use up to 32 letters, digits, dashes and underscores.',
      'agent "billing", routing rule "sort", label "easy": models is a model\'s name, and would be a tier\'s. Write a chain: ["openai/gpt-5.5"].',
      'agent "billing", routing rule "sort": the label "Easy" differs from another only in capitals. Rename one.',
      'agent "billing", routing rule "late": it is never judged, since the rule "sort" always decides. Move it up, or give that rule a condition.',
      'agent "billing", routing rule "late": the classifier has too few labels. Give at least two, such as { easy: …, hard: … }.',
    ],
  },
  {
    what: 'escalations to nobody, or for nothing',
    make: () =>
      app({
        name: 'invoices',
        agents: [
          agent({ name: 'one', escalate: ['openai/gpt-5.5'] }),
          agent({ name: 'two', escalate: { models: 'standard', on: [] } }),
          agent({
            name: 'three',
            escalate: { to: 'huge', on: ['refusal', 'slow'] },
            routing: [{ name: 'escalation', when: { thread: 'new' }, models: 'standard' }],
          }),
        ],
      }),
    problems: [
      'agent "one": escalate is ["openai/gpt-5.5"]. Write { to: ["openai/gpt-5.5"], on: ["output_invalid"] }.',
      'agent "two", escalate: there is no field "models". The fields are to, on.',
      'agent "two": escalate does not say to which models. Name them in to.',
      'agent "two": escalate does not say on what. Name some of "output_invalid", "cut_off", "refusal", "wrong_calls" in on.',
      'agent "three", routing rule "escalation": the product records escalations under this name. Choose another one.',
      'agent "three", escalate: there is no tier "huge". There is "standard"; models.tiers adds others.',
      'agent "three": escalate.on is "slow". Say "output_invalid", "cut_off", "refusal" or "wrong_calls".',
    ],
  },
  {
    what: 'a tier without models',
    make: () =>
      withModels({ tiers: { standard: { chain: [], cheaper: [] }, 'Fast!': { chain: ['openai/gpt-5.5'] } } }),
    problems: [
      'models.tiers "standard": the chain has no model. Name at least one, such as "openai/gpt-5.5".',
      'models.tiers "standard": the cheaper chain has no model. Name at least one, such as "openai/gpt-5.5".',
      'models.tiers "Fast!": a name begins with a lower-case letter and goes on with lower-case letters, digits and underscores. Rename it.',
    ],
  },
  {
    what: 'a field that models do not have',
    make: () => withModels({ tier: {} }),
    problems: ['models: there is no field "tier". The fields are tiers, providers, prices, limits.'],
  },
  {
    what: 'limits that are no list',
    make: () => withModels({ limits: { openai: 60 } }),
    problems: ['models.limits is not a list. Write [{ provider: "openai", requestsPerMinute: 500 }].'],
  },
  {
    what: 'limits with wrong values',
    make: () =>
      withModels({
        limits: [
          { provider: 'openai', requestsPerMinute: -5, tokensPerMinute: 0.5 },
          { provider: 'vllm', maxConcurrent: 8 },
          { provider: 'openai', model: 'gpt 5', tenant: '', tokensPerMinute: 1 },
          { provider: 'anthropic' },
          { provider: 'anthropic', tenant: '*', maxConcurrent: 2, rpm: 5 },
          'openai',
        ],
      }),
    problems: [
      'models.limits[0]: requestsPerMinute is -5. Give a whole number above 0.',
      'models.limits[0]: tokensPerMinute is 0.5. Give a whole number above 0.',
      'models.limits[1]: "vllm" is not a provider. There are "openai", "anthropic"; models.providers adds others.',
      `models.limits[2]: model is not a model's name. Write it without its provider, such as "gpt-5.5".`,
      'models.limits[2]: tenant is not a tenant. Name one, or write "*" for each.',
      'models.limits[3]: it limits nothing. Give requestsPerMinute, tokensPerMinute, maxConcurrent, or more than one.',
      'models.limits[4]: there is no field "rpm". The fields are provider, model, tenant, requestsPerMinute, tokensPerMinute, maxConcurrent.',
      'models.limits[4]: maxConcurrent is of all tenants together. Give it a row without tenant.',
      'models.limits[5] is not a limit. Write { provider: "openai", requestsPerMinute: 500 }.',
    ],
  },
  {
    what: 'two limits about the same calls',
    make: () =>
      withModels({
        limits: [
          { provider: 'openai', model: 'gpt-5.5', requestsPerMinute: 5 },
          { provider: 'openai', model: 'gpt-5.5', tokensPerMinute: 5 },
        ],
      }),
    problems: [
      'models.limits[1]: there is a row before for the same provider, model and tenant. Make one of the two.',
    ],
  },
  {
    what: 'a provider that the product has',
    make: () =>
      withModels({ providers: { openai: { wire: 'openai-chat', baseUrl: 'http://localhost:8000/v1' } } }),
    problems: [
      'models.providers "openai": the product has this provider. Give its address in OPENAI_BASE_URL, or choose another name.',
    ],
  },
  {
    what: 'providers that read a variable of the product, or the same address',
    make: () =>
      withModels({
        providers: {
          'my-gateway': { wire: 'openai-chat', baseUrl: 'http://x/v1', apiKey: 'DATABASE_URL' },
          my_gateway: { wire: 'openai-chat', baseUrl: 'http://x/v1', apiKey: 'HOLDFAST_KEY' },
        },
      }),
    problems: [
      'models.providers "my-gateway": apiKey names DATABASE_URL, which the product reads. Choose another name, such as "VLLM_API_KEY".',
      'models.providers "my_gateway": apiKey names HOLDFAST_KEY, which the product reads. Choose another name, such as "VLLM_API_KEY".',
      'models.providers "my_gateway": its address is read from MY_GATEWAY_BASE_URL, as that of "my-gateway". Rename one.',
    ],
  },
  {
    what: 'an environment with a variable of the product',
    make: () => withEnv(z.object({ OPENAI_API_KEY: secret() })),
    problems: ['setup: env "OPENAI_API_KEY" is a variable that the product reads. Choose another name.'],
  },
  {
    what: 'a provider with a key in the file, no wire and no address',
    make: () => withModels({ providers: { 'my gateway': { baseUrl: 'localhost:8000', apiKey: 'sk-123' } } }),
    problems: [
      `models.providers "my gateway": the name has characters that no provider's name has. Use lower-case letters, digits, dashes and underscores.`,
      'models.providers "my gateway": wire is missing. Say "openai-responses", "openai-chat" or "anthropic-messages".',
      'models.providers "my gateway": baseUrl is not an http:// or https:// address. Give one, such as "http://localhost:8000/v1".',
      'models.providers "my gateway": apiKey is not the name of an environment variable. Put the key into one, and name it here: "VLLM_API_KEY".',
    ],
  },
  {
    what: 'prices that are odd',
    make: () =>
      withModels({
        prices: [
          { model: 'vllm/qwen3', input: 0.5, output: -1 },
          { model: 'gpt', input: 1, output: 1 },
          { model: 'openai/o', input: 1, output: 1 },
          { model: 'openai/o', input: 1, output: 1, unit: 'usd' },
        ],
      }),
    problems: [
      'models.prices "vllm/qwen3": the provider is not known. Add it to models.providers.',
      'models.prices "vllm/qwen3": input is 0.5. Give whole micro-USD for a million tokens: 5_000_000 is 5 $.',
      'models.prices "vllm/qwen3": output is -1. Give whole micro-USD for a million tokens: 5_000_000 is 5 $.',
      `models.prices "gpt": it is not a model's name. Write provider/model, such as "vllm/qwen3-32b".`,
      'models.prices "openai/o": it is priced twice. Drop one row.',
      'models.prices "openai/o": there is no field "unit". The fields are model, input, output, cachedInput, cacheWrite.',
    ],
  },
  {
    what: 'tools that are no list',
    make: () => withAgent({ tools: tool() }),
    problems: ['agent "billing": tools is not a list. Write tools: [readInvoice].'],
  },
  {
    what: 'something that is not a tool',
    make: () => withAgent({ tools: [undefined, 'pay'] }),
    problems: [
      'agent "billing": tools[0] is not a tool. Make it with defineTool, handoff or subAgent; files that import each other in a circle give undefined.',
      'agent "billing": tools[1] is not a tool. Make it with defineTool, handoff or subAgent; files that import each other in a circle give undefined.',
    ],
  },
  {
    what: 'one tool twice in an agent',
    make: () => withAgent({ tools: ((one) => [one, one])(tool()) }),
    problems: ['agent "billing": the tool "pay" is listed twice. Drop one.'],
  },
  {
    what: 'two different tools of one name',
    make: () => app({ name: 'invoices', agents: [of('a', tool()), of('b', tool())] }),
    problems: [
      'tool "pay": there are two different tools of this name. Rename one, or use the same tool in both places.',
    ],
  },
  {
    what: 'two different handoffs of one name',
    make: () =>
      app({
        name: 'invoices',
        agents: [of('a', handoff({ to: 'b', name: 'go' })), of('b', handoff({ to: 'a', name: 'go' }))],
      }),
    problems: [
      'tool "go": there are two different tools of this name. Rename one, or use the same tool in both places.',
    ],
  },
  {
    what: "a tool's name with a dash",
    make: () => withTool({ name: 'pay-invoice' }),
    problems: [
      'tool "pay-invoice": a name begins with a lower-case letter and goes on with lower-case letters, digits and underscores. Rename it.',
    ],
  },
  {
    what: "a tool's name that is too long for a provider",
    make: () => withTool({ name: 'p'.repeat(65) }),
    problems: [
      'tool "ppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp": the name has 65 characters. Shorten it to 64.',
    ],
  },
  {
    what: "a handoff's name that is too long for a provider",
    make: () =>
      app({ name: 'invoices', agents: [of('a', handoff({ to: 'b'.repeat(60) })), of('b'.repeat(60))] }),
    problems: [
      'tool "handoff_to_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb": the name has 71 characters. Shorten it to 64.',
    ],
  },
  {
    what: 'a tool with the name of an activity',
    make: () => withTool({ name: 'runTool' }),
    problems: [
      `tool "runTool": the product has an activity of this name, and a tool's activity goes by the tool's name. Choose another one.`,
    ],
  },
  {
    what: 'a field that no tool has',
    make: () => withTool({ handler: 1 }),
    problems: ['tool "pay": a tool has no field "handler". See what defineTool takes.'],
  },
  {
    what: 'an empty description',
    make: () => withTool({ description: ' ' }),
    problems: [
      'tool "pay": description is empty, and the model would not know what the tool is for. Say what it does, when to use it and what comes back.',
    ],
  },
  {
    what: 'a handoff with an empty description of its own',
    make: () => app({ name: 'invoices', agents: [of('a', subAgent({ to: 'b', description: '' })), of('b')] }),
    problems: [
      'tool "ask_b": description is empty, and the model would not know what the tool is for. Say what it does, when to use it and what comes back.',
    ],
  },
  {
    what: 'an effect that there is not',
    make: () => withTool({ effect: 'delete' }),
    problems: ['tool "pay": effect is "delete". Say "read", "write" or "irreversible".'],
  },
  {
    what: 'a tool without execute',
    make: () => withTool({ execute: undefined }),
    problems: ['tool "pay": execute is missing. Give the function that does the work.'],
  },
  {
    what: 'a tool of the product that is made to look like another kind of tool',
    make: () => withAgent({ tools: [{ ...remember, effect: 'read', idempotency: 'none' }] }),
    problems: [
      'tool "remember": the product carries it out, and its effect is fixed. Leave it as it is.',
      'tool "remember": the product carries it out, and its idempotency is fixed. Leave it as it is.',
    ],
  },
  {
    what: 'handlers that are no functions',
    make: () => withTool({ execute: 'pay', facts: {} }),
    problems: [
      'tool "pay": facts is not a function. Make it one, or drop it.',
      'tool "pay": execute is not a function. Make it one, or drop it.',
    ],
  },
  {
    what: 'a local tool that does not only read',
    make: () => withTool({ execution: 'local' }),
    problems: ['tool "pay": it is local and does not only read. Say effect: "read", or drop execution.'],
  },
  {
    what: 'a local tool that holds up the workflow task',
    make: () => withTool({ effect: 'read', execution: 'local', timeoutMs: 60_000 }),
    problems: ['tool "pay": it is local and may take 60000 ms. Say at most 5000, or drop execution.'],
  },
  {
    what: 'times and tries that are odd',
    make: () => withTool({ timeoutMs: 0, attempts: -1, idempotency: 'maybe', execution: 'thread' }),
    problems: [
      'tool "pay": idempotency is "maybe". Say "key" or "none".',
      'tool "pay": execution is "thread". Say "activity" or "local".',
      'tool "pay": timeoutMs is 0. Give a whole number above 0.',
      'tool "pay": attempts is -1. Give a whole number above 0.',
    ],
  },
  {
    what: 'an irreversible tool without a rule that asks',
    make: () => withTool({ effect: 'irreversible' }),
    problems: [
      'tool "pay": it cannot be undone, and nobody is asked. Add a rule with the verdict "ask" or "deny", or say otherwise: "ask".',
    ],
  },
  {
    what: 'an irreversible tool whose rules only allow',
    make: () =>
      withTool({
        effect: 'irreversible',
        approval: { rules: [{ name: 'rule', when: { argument: 'cents', above: 1 }, verdict: 'allow' }] },
      }),
    problems: [
      'tool "pay", rule "rule": it allows what is allowed otherwise as well. Drop it, or say otherwise: "ask".',
      'tool "pay": it cannot be undone, and nobody is asked. Add a rule with the verdict "ask" or "deny", or say otherwise: "ask".',
    ],
  },
  {
    what: 'approvers of a tool that asks nobody',
    make: () => withTool({ approvers: () => ({}) }),
    problems: [
      'tool "pay": approvers says who decides, but no rule asks anybody. Add a rule with the verdict "ask", or drop approvers.',
    ],
  },
  {
    what: 'an argument with a refinement that has to be awaited',
    make: () => withInput(z.object({ number: z.string().refine(async () => true) })),
    problems: [
      'tool "pay": the argument "number" of input has a refinement that is async. Arguments are checked without waiting: look it up in execute, and say no with a ToolError.',
    ],
  },
  {
    what: 'input that is not an object',
    make: () => withInput(z.string()),
    problems: [
      'tool "pay": input is not an object schema. Write z.strictObject({ … }), with no argument if it takes none.',
    ],
  },
  {
    what: 'no input',
    make: () => withInput(undefined),
    problems: [
      'tool "pay": input is not an object schema. Write z.strictObject({ … }), with no argument if it takes none.',
    ],
  },
  {
    what: 'a date among the arguments',
    make: () => withInput(z.strictObject({ on: z.date() })),
    problems: [
      'tool "pay": the argument "on" of input cannot be told to a model (Date cannot be represented in JSON Schema). Use a type that JSON has, and convert it in execute.',
    ],
  },
  {
    what: 'a transform among the arguments',
    make: () => withInput(z.strictObject({ cents: z.string().transform(Number) })),
    problems: [
      'tool "pay": the argument "cents" of input cannot be told to a model (Transforms cannot be represented in JSON Schema). Use a type that JSON has, and convert it in execute.',
    ],
  },
  {
    what: 'a bigint and a function among the arguments',
    make: () => withInput(z.strictObject({ id: z.bigint(), run: z.function() })),
    problems: [
      'tool "pay": the argument "id" of input cannot be told to a model (BigInt cannot be represented in JSON Schema). Use a type that JSON has, and convert it in execute.',
      'tool "pay": the argument "run" of input cannot be told to a model (Function types cannot be represented in JSON Schema). Use a type that JSON has, and convert it in execute.',
    ],
  },
  {
    what: 'a transform deep inside',
    make: () =>
      withInput(
        z.strictObject({ lines: z.array(z.object({ at: z.string().transform((text) => new Date(text)) })) }),
      ),
    problems: [
      'tool "pay": the argument "lines" of input cannot be told to a model (Transforms cannot be represented in JSON Schema). Use a type that JSON has, and convert it in execute.',
    ],
  },
  {
    what: 'a rule about an argument that is not there',
    make: () => withRule({ when: { argument: 'amount', above: 1 } }),
    problems: [
      'tool "pay", rule "rule": it is about the argument "amount", which the input does not have. There are "number", "cents", "note".',
    ],
  },
  {
    what: 'a rule about an optional argument',
    make: () => withRule({ when: { argument: 'note', outside: ['x'] } }),
    problems: [
      'tool "pay", rule "rule": the model may leave out the argument "note", and then the rule matches. Make it required.',
    ],
  },
  {
    what: 'a rule about numbers, and text',
    make: () => withRule({ when: { argument: 'number', above: 1 } }),
    problems: [
      'tool "pay", rule "rule": the argument "number" is not always a number, which the rule needs. Make it a number, or change the rule.',
    ],
  },
  {
    what: 'a rule about text, and a number',
    make: () => withRule({ when: { argument: 'cents', outside: ['x'] } }),
    problems: [
      'tool "pay", rule "rule": the argument "cents" is not always text, which the rule needs. Make it text, or change the rule.',
    ],
  },
  {
    what: 'a rule about a fact of a tool that has none',
    make: () => withRule({ when: { fact: 'eur', above: 1 } }),
    problems: [
      'tool "pay", rule "rule": it looks at the fact "eur", and the tool has no facts. Add facts, or a rule about an argument.',
    ],
  },
  {
    what: 'a rule that the input never lets match',
    make: () => withRule({ when: { argument: 'cents', above: 100_000 } }),
    problems: [
      'tool "pay", rule "rule": it can never match, since the input lets through no such "cents". Change the rule or the input.',
    ],
  },
  {
    what: 'a rule without endings',
    make: () => withRule({ when: { argument: 'number', outside: [] } }),
    problems: [
      'tool "pay", rule "rule": outside is empty, so that the rule always matches. Give endings, or say when: "always".',
    ],
  },
  {
    what: 'a rule with an odd when',
    make: () => withRule({ when: 'sometimes' }),
    problems: [
      'tool "pay", rule "rule": when is "sometimes". Say "always", { argument, above }, { argument, outside }, { fact, … } or { firstTime: true }.',
    ],
  },
  {
    what: 'a rule with odd bounds',
    make: () => withRule({ when: { argument: 'cents', above: '5' } }),
    problems: ['tool "pay", rule "rule": above is "5". Give a number.'],
  },
  {
    what: 'a rule with endings that are none',
    make: () => withRule({ when: { argument: 'number', outside: [''] } }),
    problems: [
      'tool "pay", rule "rule": outside is not a list of endings. Give some, such as ["@example.com"].',
    ],
  },
  {
    what: 'a rule with an odd name and verdict',
    make: () => withRule({ name: 'Rule 1', verdict: 'maybe' }),
    problems: [
      'tool "pay", rule "Rule 1": the name is not one of a rule. Use lower-case letters, digits, dashes and underscores, such as "credit-above-50".',
      'tool "pay", rule "Rule 1": verdict is "maybe". Say "allow", "ask" or "deny".',
    ],
  },
  {
    what: "a rule with a name of the product's own",
    make: () => withRule({ name: 'otherwise' }),
    problems: [
      'tool "pay", rule "otherwise": the product records its own decisions under this name. Choose another one.',
    ],
  },
  {
    what: 'a rule that another one always beats',
    make: () =>
      withTool({
        approval: {
          rules: [
            { name: 'big', when: { argument: 'cents', above: 5 }, verdict: 'ask' },
            { name: 'never', when: 'always', verdict: 'deny' },
          ],
        },
      }),
    problems: [
      'tool "pay", rule "big": it can never ask, since the rule "never" always says deny. Drop one of the two.',
    ],
  },
  {
    what: 'a rule that allows what is allowed',
    make: () => withRule({ verdict: 'allow' }),
    problems: [
      'tool "pay", rule "rule": it allows what is allowed otherwise as well. Drop it, or say otherwise: "ask".',
    ],
  },
  {
    what: 'terms of a rule that asks nobody',
    make: () => withRule({ verdict: 'deny', terms: 'standard' }),
    problems: [
      'tool "pay", rule "rule": terms say how a person is asked, and the rule asks nobody. Drop them, or say verdict: "ask".',
    ],
  },
  {
    what: 'two rules of one name in two tools',
    make: () =>
      app({
        name: 'invoices',
        agents: [
          of(
            'a',
            ...['pay', 'pay_twice'].map((name) =>
              tool({ name, approval: { rules: [{ name: 'big', when: 'always', verdict: 'ask' }] } }),
            ),
          ),
        ],
      }),
    problems: [
      'tool "pay_twice": its rule "big" has the name of a rule of "pay", and a decision is recorded under it. Rename one.',
    ],
  },
  {
    what: 'terms that do not exist',
    make: () => withRule({ terms: 'finanse' }),
    problems: [
      'tool "pay", rule "rule": there are no terms "finanse". There is "standard"; approvalTerms adds others.',
    ],
  },
  {
    what: 'a field that approval does not have',
    make: () => withRule({}, { default: 'allow' }),
    problems: ['tool "pay", approval: there is no field "default". The fields are rules, otherwise.'],
  },
  {
    what: 'a handoff to nobody',
    make: () => withAgent({ tools: [handoff({ to: 'returns' })] }),
    problems: [
      'agent "billing": its tool "handoff_to_returns" hands to "returns", which is no agent. There is "billing".',
    ],
  },
  {
    what: 'a handoff to oneself',
    make: () => withAgent({ tools: [handoff({ to: 'billing' })] }),
    problems: [
      'agent "billing": its tool "handoff_to_billing" hands to the agent itself. Name another one in to, or drop the tool.',
    ],
  },
  {
    what: 'a sub-agent that is nobody',
    make: () => withAgent({ tools: [subAgent({ to: 'research' })] }),
    problems: [
      'agent "billing": its tool "ask_research" starts "research", which is no agent. There is "billing".',
    ],
  },
  {
    what: 'a sub-agent that is oneself',
    make: () => withAgent({ tools: [subAgent({ to: 'billing' })] }),
    problems: [
      'agent "billing": its tool "ask_billing" starts the agent itself. Name another one in to, or drop the tool.',
    ],
  },
  {
    what: 'circular sub-agents',
    make: () =>
      app({
        name: 'invoices',
        agents: [
          of('a', subAgent({ to: 'b' })),
          of('b', handoff({ to: 'c' })),
          of('c', subAgent({ to: 'a' })),
        ],
      }),
    problems: [
      'agents: sub-agents start each other in a circle: a → b → a. Take out one of these subAgent tools.',
    ],
  },
  {
    what: 'a sub-agent that could use none of its tools',
    make: () => app({ name: 'invoices', agents: [of('a', subAgent({ to: 'b' })), of('b', tool())] }),
    problems: [
      'agent "a": its sub-agent "b" could use none of its tools, since neither "a" nor anybody whom it hands to has one: "pay". Give "a" those that it may use.',
    ],
  },
  {
    what: 'nobody whom a run can be started with',
    make: () => withAgent({ startable: false }),
    problems: ['agents: no run can be started with any of them. Leave startable out of one.'],
  },
  {
    what: 'somebody whom nobody gets to',
    make: () => app({ name: 'invoices', agents: [agent(), agent({ name: 'lost', startable: false })] }),
    problems: [
      'agent "lost": nobody starts it and nobody is handed to it. Leave startable out, or add handoff({ to: "lost" }) to another agent.',
    ],
  },
  {
    what: 'terms that nobody can meet',
    make: () => withTerms({ quorum: 0, decisions: ['edit'] }),
    problems: [
      'approvalTerms "finance": quorum is 0. Give a whole number above 0.',
      'approvalTerms "finance": nobody can approve, so that the call could never be made. Add "approve" to decisions.',
      'approvalTerms "finance": nobody can reject. Add "reject" to decisions.',
    ],
  },
  {
    what: 'several people who would have to agree on words',
    make: () => withTerms({ quorum: 2, decisions: ['approve', 'reject', 'respond'] }),
    problems: [
      `approvalTerms "finance": 2 people cannot agree on respond, which are one person's words. Leave them out of decisions, or say quorum: 1.`,
    ],
  },
  {
    what: 'terms with odd groups',
    make: () => withTerms({ approvers: ['finance', 'finance'], excludeRequester: 'yes' }),
    problems: [
      'approvalTerms "finance": approvers is not a list of groups, each once. Give names such as ["finance"], or leave it out for everybody who may decide.',
      'approvalTerms "finance": excludeRequester is "yes". Say true or false.',
    ],
  },
  {
    what: 'terms that escalate to nobody',
    make: () => withTerms({ onTimeout: 'escalate' }),
    problems: [
      'approvalTerms "finance": onTimeout is "escalate", and there is nobody to escalate to. Add a step to escalation, or say "reject".',
    ],
  },
  {
    what: 'terms whose escalation comes too late or adds nobody',
    make: () =>
      withTerms({
        timeoutMs: 1_000,
        escalation: [
          { afterMs: 2_000, to: ['managers'] },
          { afterMs: 500, to: [] },
        ],
      }),
    problems: [
      'approvalTerms "finance", escalation[0]: time is out by then, after 1000 ms. Say less, or onTimeout: "escalate".',
      'approvalTerms "finance", escalation[1]: it comes no later than the step before. Order the steps by afterMs.',
      'approvalTerms "finance", escalation[1]: to is not a list of groups. Name one, such as ["managers"].',
    ],
  },
  {
    what: 'escalation where everybody may decide',
    make: () =>
      withTerms({ approvers: [], onTimeout: 'escalate', escalation: [{ afterMs: 1, to: ['managers'] }] }),
    problems: [
      'approvalTerms "finance": everybody may decide already, so that escalation changes nothing. Name approvers, or drop escalation.',
    ],
  },
  {
    what: 'terms with odd times and a field too many',
    make: () => withTerms({ timeoutMs: 0, remindEveryMs: -1, rejection: 'never', deadline: 1 }),
    problems: [
      'approvalTerms "finance": there is no field "deadline". The fields are approvers, quorum, excludeRequester, rejection, decisions, timeoutMs, onTimeout, escalation, remindEveryMs.',
      'approvalTerms "finance": rejection is "never". Say "ends" or "votes".',
      'approvalTerms "finance": timeoutMs is 0. Give a whole number above 0.',
      'approvalTerms "finance": remindEveryMs is -1. Give a whole number, or 0 for no reminders.',
    ],
  },
  {
    what: 'terms with an odd name',
    make: () => withAgent({}, { approvalTerms: { 'two of finance': {} } }),
    problems: [
      'approvalTerms "two of finance": a name begins with a lower-case letter and goes on with lower-case letters, digits and underscores. Rename it.',
    ],
  },
  {
    what: 'a prompt without a folder',
    make: () => withAgent({ instructions: prompt('billing.v1') }),
    problems: [
      'agent "billing": prompt("billing.v1") is a file, and the application has no prompts. Say prompts: new URL("./prompts/", import.meta.url).',
    ],
  },
  {
    what: 'a prompt that is not name.version',
    make: () => withAgent({ instructions: prompt('billing') }, { prompts: folder({}) }),
    problems: ['agent "billing": prompt("billing") is not name.version. Write it as prompt("billing.v1").'],
  },
  {
    what: 'a prompt whose file is missing',
    make: () =>
      withAgent(
        { instructions: prompt('billing.v2') },
        { prompts: folder({ 'billing.v1.md': 'You help.' }) },
      ),
    problems: [
      'agent "billing": prompts has no file billing.v2.md. Write it, or name another version. There is "billing.v1".',
    ],
  },
  {
    what: 'a prompt whose file is empty',
    make: () =>
      withAgent({ instructions: prompt('billing.v1') }, { prompts: folder({ 'billing.v1.md': '\n' }) }),
    problems: [
      'agent "billing": the file billing.v1.md of prompts is empty. Write the instructions into it.',
    ],
  },
  {
    what: 'a text that goes by the name of a file',
    make: () => withAgent({}, { prompts: folder({ 'billing.v1.md': 'You help.' }) }),
    problems: [
      'agent "billing": its text goes by "billing.v1", as the file billing.v1.md of prompts does. Write instructions: prompt("billing.v1"), or change the version.',
    ],
  },
  {
    what: 'a folder of prompts that is not there',
    make: () => withAgent({}, { prompts: new URL('file:///nowhere/prompts/') }),
    problems: ['prompts: there is no folder /nowhere/prompts/. Make it, or drop prompts.'],
  },
  {
    what: 'a folder that is no URL',
    make: () => withAgent({}, { migrations: './migrations' }),
    problems: [
      `migrations is not a folder's URL. Write migrations: new URL("./migrations/", import.meta.url).`,
    ],
  },
  {
    what: 'migrations with odd names and one number twice',
    make: () =>
      withAgent({}, { migrations: folder({ '001.do.a.sql': '', '001.do.b.sql': '', '2-c.sql': '' }) }),
    problems: [
      'migrations: 001.do.a.sql and 001.do.b.sql have one number. Give the newer one the next.',
      'migrations: 2-c.sql would never be run. Name it NNN.do.name.sql, such as 001.do.invoices.sql.',
    ],
  },
  {
    what: 'an empty folder of migrations',
    make: () => withAgent({}, { migrations: folder({}) }),
    problems: ['migrations has no file. Add one, such as 001.do.invoices.sql, or drop migrations.'],
  },
  {
    what: 'an environment that is no object schema',
    make: () => withEnv(z.string()),
    problems: ['setup: env is not an object schema. Write env: z.object({ CORP_URL: z.url() }).'],
  },
  {
    what: 'variables with odd names',
    make: () => withEnv(z.object({ corpUrl: z.string(), HOLDFAST_URL: z.string() })),
    problems: [
      'setup: env "corpUrl" is not the name of an environment variable. Use upper-case letters, digits and underscores.',
      `setup: env "HOLDFAST_URL" begins with HOLDFAST_, as the product's own names do. Choose another name.`,
    ],
  },
  {
    what: 'an agent and a tool of another setup',
    make: () =>
      app({
        name: 'invoices',
        agents: [
          other.defineAgent({
            name: 'a',
            version: 'v1',
            instructions: 'x',
            tools: [
              other.defineTool({
                name: 'pay',
                description: 'Pays.',
                input: z.strictObject({}),
                effect: 'write',
                execute: () => 1,
              }),
            ],
          }),
        ],
      }),
    problems: [
      'agent "a": it was made for another environment and services. Make it with the defineAgent of the same setup as defineApp.',
      'tool "pay": it was made for another environment and services. Make it with the defineTool of the same setup as defineApp.',
    ],
  },
  {
    what: 'services that are no function',
    make: () => setup({ services: {} as never }).defineApp({ name: 'invoices', agents: [agent()] }),
    problems: ['setup: services is not a function. Write services: ({ env }) => ({ … }).'],
  },
  {
    what: 'a local example of nobody, and odd local settings',
    make: () =>
      withAgent({}, { local: { seed: 1, script: 'x', example: { agent: 'nobody', input: '' }, open: true } }),
    problems: [
      'local: there is no field "open". The fields are seed, script, example.',
      'local: seed is not a function. Write seed: async (db) => { … }.',
      'local: script is not the URL of a file that is there. Write script: new URL("./script.ts", import.meta.url).',
      `local: no run can be started with the example's agent "nobody". There is "billing".`,
      'local: the example has no input. Say what the agent is asked.',
    ],
  },
  {
    what: 'everything at once',
    make: () =>
      app({
        name: 'Shop',
        agents: [agent({ version: '', tools: [tool({ description: '' }), handoff({ to: 'nobody' })] })],
        approvalTerms: { finance: { quorum: 0 } },
      }),
    problems: [
      'application "Shop": a name begins with a lower-case letter and goes on with lower-case letters, digits and underscores. Rename it.',
      'approvalTerms "finance": quorum is 0. Give a whole number above 0.',
      'agent "billing": version is missing. Say one, such as "v1", and another with every change of how the agent behaves.',
      'tool "pay": description is empty, and the model would not know what the tool is for. Say what it does, when to use it and what comes back.',
      'agent "billing": its tool "handoff_to_nobody" hands to "nobody", which is no agent. There is "billing".',
    ],
  },
  {
    what: 'an output that is a list',
    make: () => withAgent({ output: z.array(z.string()) }),
    problems: [
      'agent "billing": output is not an object schema. Write z.strictObject({ … }), with a list or a choice as a member of it.',
    ],
  },
  {
    what: 'an output that is a JSON Schema',
    make: () => withAgent({ output: { type: 'object', properties: {} } }),
    problems: [
      'agent "billing": output is not an object schema. Write z.strictObject({ … }), with a list or a choice as a member of it.',
    ],
  },
  {
    what: 'an output with members that JSON does not have, and with one that has to be waited for',
    make: () =>
      withAgent({
        output: z.strictObject({
          due: z.date(),
          total: z.string().transform(Number),
          number: z.string().refine(async () => true),
          note: z.string(),
        }),
      }),
    problems: [
      'agent "billing": the member "due" of output cannot be told to a model (Date cannot be represented in JSON Schema). Use a type that JSON has.',
      'agent "billing": the member "total" of output cannot be told to a model (Transforms cannot be represented in JSON Schema). Use a type that JSON has.',
      'agent "billing": the member "number" of output has a refinement that is async. Answers are checked without waiting: check it where the answer is used.',
    ],
  },
  {
    what: 'a tool that demands what nobody has',
    make: () => withTool({ requires: { scopes: ['runs:read', 'tools:*'], groups: [], role: 'boss' } }),
    problems: [
      'tool "pay", requires: there is no field "role". The fields are scopes, groups.',
      'tool "pay", requires: scopes is not a list of tool scopes, each once. Write scopes: ["tools:pay"]: "tools:" and then lower-case letters, digits, dots, dashes and underscores.',
      'tool "pay", requires: groups is empty. Name what is demanded, or drop it.',
    ],
  },
  {
    what: 'demands that are no lists, on a tool and on a handoff',
    make: () =>
      app({
        name: 'invoices',
        agents: [
          agent({
            tools: [
              tool({ requires: 'tools:refunds' }),
              handoff({ to: 'desk', requires: { groups: ['the boss'] } }),
              subAgent({ to: 'desk', scopes: ['tools:a', 'tools:a'] }),
            ],
          }),
          agent({ name: 'desk', tools: [] }),
        ],
      }),
    problems: [
      'tool "pay": requires demands nothing. Write requires: { scopes: ["tools:pay"] }, { groups: ["finance"] } or both, or drop it.',
      'tool "handoff_to_desk", requires: groups is not a list of groups, each once. Write groups: ["finance"], with names as keys and tokens have them.',
      'tool "ask_desk": scopes is not a list of tool scopes, each once. Write scopes: ["tools:pay"]: "tools:" and then lower-case letters, digits, dots, dashes and underscores.',
    ],
  },
]

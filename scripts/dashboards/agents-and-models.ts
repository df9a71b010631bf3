import type { Dashboard } from './dashboard.ts'
import { lines, table } from './panel.ts'
import { CHOSEN, counted, quantiles } from './queries.ts'
import { AGENT, MODEL, PROVIDER, TOOL } from './variables.ts'

const TOKENS = 'gen_ai_client_token_usage'
const meanTokens = (time: string): string => {
  const rate = (part: string) =>
    `sum by (gen_ai_request_model, gen_ai_token_type) (rate(${TOKENS}_${part}{${CHOSEN.genAiModel}}[${time}]))`
  return `${rate('sum')} / ${rate('count')}`
}

/** It stands among the models, and with what keeps costs low. */
export const ANSWER_CACHE = lines(
  'Answer cache',
  { '{{agent}}': `agent:holdfast_cache_hits:ratio_rate15m{${CHOSEN.agent}}` },
  {
    description: 'Share of look-ups that found an answer.',
    unit: 'percentunit',
    runbooks: ['cache-misses-unusual'],
  },
)

/** For whoever answers for an agent: which of its models and tools fails, and how well it does. */
export const AGENTS_AND_MODELS: Dashboard = {
  uid: 'holdfast-agents',
  title: 'Holdfast: agents and models',
  description: 'How well agents do, and which model, provider or tool holds them up.',
  from: 'now-6h',
  variables: [AGENT, PROVIDER, MODEL, TOOL],
  rows: {
    Agents: [
      lines(
        'Runs that complete',
        { '{{agent}}': `agent:holdfast_run_success:ratio_rate15m{${CHOSEN.agent}}` },
        {
          description: 'Share of ended runs, cancelled ones left out.',
          unit: 'percentunit',
          red: { below: 0.95 },
          runbooks: ['runs-failing', 'run-failures-unusual'],
        },
      ),
      lines('Length of runs', quantiles('agent:holdfast_run_duration_seconds', CHOSEN.agent, '{{agent}}'), {
        description: 'From acceptance to end. Runs that waited for a person are among them.',
        unit: 's',
        runbooks: ['runs-slow', 'run-duration-unusual'],
      }),
      lines(
        'Runs accepted',
        { '{{agent}}': `agent:holdfast_runs_accepted:rate5m{${CHOSEN.agent}}` },
        { description: 'Runs a second.', unit: 'reqps' },
      ),
      table(
        'Runs by version',
        `sum by (agent, agent_version, status) (${counted(`holdfast_runs_ended_total{${CHOSEN.agent}}`, '$__range')})`,
        {
          description:
            'Ended runs of the chosen time by version of the agent and status: is the new version as good?',
          unit: 'short',
        },
      ),
      table(
        'Why runs did not complete',
        `sum by (agent, status, reason) (${counted(`holdfast_runs_ended_total{${CHOSEN.agent}, status!="completed"}`, '$__range')})`,
        {
          description: 'Runs of the chosen time that ended otherwise, by reason.',
          unit: 'short',
          runbooks: ['runs-failing'],
        },
      ),
    ],

    'Models and providers': [
      lines(
        'Calls that failed',
        { '{{provider}} {{model}}': `provider_model:holdfast_model_failures:ratio_rate5m{${CHOSEN.model}}` },
        {
          description: 'Share of the attempts that failed at the provider.',
          unit: 'percentunit',
          red: { above: 0.25 },
          runbooks: ['provider-failing', 'model-failures-unusual'],
        },
      ),
      lines(
        'Why calls failed',
        {
          '{{provider}} {{code}}': `sum by (provider, code) (rate(holdfast_model_attempts_total{${CHOSEN.agent}, ${CHOSEN.model}, outcome="failed"}[$__rate_interval]))`,
        },
        {
          description: 'Failed attempts a second by code. docs/errors.md explains the codes.',
          unit: 'reqps',
          runbooks: ['provider-failing'],
        },
      ),
      lines(
        'Circuits',
        { '{{provider}} {{model}}': `provider_model:holdfast_breaker_state:max{${CHOSEN.model}}` },
        {
          description:
            '0 closed, 1 half-open, 2 open: the model is not asked. One that nobody asks stays half-open.',
          unit: 'none',
          runbooks: ['breaker-open'],
        },
      ),
      lines(
        'Length of calls',
        quantiles(
          'model:gen_ai_client_operation_duration_seconds',
          CHOSEN.genAiModel,
          '{{gen_ai_request_model}}',
        ),
        {
          description: 'From the request to the end of the answer.',
          unit: 's',
          red: { above: 81.92 },
          runbooks: ['model-slow', 'model-duration-unusual'],
        },
      ),
      lines(
        'Time to the first text',
        {
          '{{gen_ai_request_model}}': `model:gen_ai_client_operation_time_to_first_chunk_seconds:p95_rate15m{${CHOSEN.genAiModel}}`,
        },
        {
          description: '95th percentile, from the request to the first piece of the answer.',
          unit: 's',
          runbooks: ['model-slow'],
        },
      ),
      lines(
        'Answers by a fallback',
        { '{{agent}}': `agent:holdfast_fallback:ratio_rate15m{${CHOSEN.agent}}` },
        {
          description: 'Share of the answers that another model than the chain’s first gave.',
          unit: 'percentunit',
          red: { above: 0.2 },
          runbooks: ['fallback-high', 'fallback-unusual'],
        },
      ),
      lines(
        'Held back',
        {
          '{{model}} {{code}}': `sum by (model, code) (rate(holdfast_model_held_back_total{${CHOSEN.model}}[$__rate_interval]))`,
        },
        {
          description:
            'Calls a second that no provider was asked for: circuit, pause, limit, too many at once.',
          unit: 'reqps',
          runbooks: ['breaker-open'],
        },
      ),
      lines(
        'Tokens of a call',
        { '{{gen_ai_request_model}} {{gen_ai_token_type}}': meanTokens('15m') },
        {
          description:
            'Mean tokens of a call by type. Input that grows is a conversation or a tool result that grows.',
          unit: 'short',
          runbooks: ['tokens-per-call-unusual'],
        },
      ),
      ANSWER_CACHE,
    ],

    Tools: [
      lines(
        'Attempts that failed',
        { '{{tool}}': `tool:holdfast_tool_errors:ratio_rate15m{${CHOSEN.tool}}` },
        {
          description: 'Share of attempts in which the tool itself failed. What it refuses is its answer.',
          unit: 'percentunit',
          red: { above: 0.1 },
          runbooks: ['tool-failing', 'tool-failures-unusual'],
        },
      ),
      lines(
        'Why attempts failed',
        {
          '{{tool}} {{code}}': `sum by (tool, code) (rate(holdfast_tool_attempts_total{${CHOSEN.agent}, ${CHOSEN.tool}, code!=""}[$__rate_interval]))`,
        },
        { description: 'Attempts a second with a code.', unit: 'reqps', runbooks: ['tool-failing'] },
      ),
      lines(
        'Length of attempts',
        { '{{tool}}': `tool:holdfast_tool_duration_seconds:p95_rate15m{${CHOSEN.tool}}` },
        { description: '95th percentile.', unit: 's' },
      ),
    ],

    'People and guards': [
      lines(
        'Approvals that wait',
        { '{{agent}}': `agent:holdfast_approvals_waiting:max{${CHOSEN.agent}}` },
        {
          description: 'Questions to people that nobody has answered.',
          unit: 'none',
          runbooks: ['approval-waits-an-hour'],
        },
      ),
      lines(
        'Decisions',
        {
          '{{tool}} {{outcome}}': `sum by (tool, outcome) (${counted(`holdfast_approvals_decided_total{${CHOSEN.agent}}`, '1h')})`,
        },
        {
          description:
            'Approvals decided in the last hour, and how. Many rejections are an agent that asks for the wrong things.',
          unit: 'short',
        },
      ),
      lines(
        'Wait for a person',
        { '{{agent}}': `agent:holdfast_approval_wait_seconds:p95_rate1d{${CHOSEN.agent}}` },
        {
          description: '95th percentile over a day, from the question to the decision.',
          unit: 's',
          runbooks: ['approval-waits-a-day'],
        },
      ),
      lines(
        'Guards',
        { '{{guard}}': 'guard:holdfast_guard_trips:increase15m' },
        {
          description: 'Times that a guard has tripped in 15 minutes.',
          unit: 'none',
          without: 'none',
          runbooks: ['guard-tripped'],
        },
      ),
    ],
  },
}

import type { Dashboard } from './dashboard.ts'
import { lines, table } from './panel.ts'
import { AGENT, MODEL, PROVIDER, TOOL } from './variables.ts'

const CHOSEN_MODEL = 'provider=~"$provider", model=~"$model"'
const GEN_AI = 'gen_ai_provider_name=~"$provider", gen_ai_request_model=~"$model"'

/** For whoever answers for an agent: which of its models and tools fails, and how well it does. */
export const AGENTS_AND_MODELS: Dashboard = {
  uid: 'holdfast-agents',
  title: 'Holdfast: agents and models',
  description: 'How well agents do, and which model, provider or tool holds them up.',
  from: 'now-6h',
  variables: [AGENT, PROVIDER, MODEL, TOOL],
  rows: [
    {
      title: 'Agents',
      panels: [
        lines(
          {
            title: 'Runs that complete',
            description: 'Share of ended runs, cancelled ones left out.',
            unit: 'percentunit',
            red: { below: 0.95 },
            runbooks: ['runs-failing', 'run-failures-unusual'],
          },
          { expr: 'agent:holdfast_run_success:ratio_rate15m{agent=~"$agent"}', legend: '{{agent}}' },
        ),
        lines(
          {
            title: 'Length of runs',
            description: 'From acceptance to end. Runs that waited for a person are among them.',
            unit: 's',
            runbooks: ['runs-slow', 'run-duration-unusual'],
          },
          {
            expr: 'agent:holdfast_run_duration_seconds:p50_rate15m{agent=~"$agent"}',
            legend: 'p50 {{agent}}',
          },
          {
            expr: 'agent:holdfast_run_duration_seconds:p95_rate15m{agent=~"$agent"}',
            legend: 'p95 {{agent}}',
          },
          {
            expr: 'agent:holdfast_run_duration_seconds:p99_rate15m{agent=~"$agent"}',
            legend: 'p99 {{agent}}',
          },
        ),
        lines(
          { title: 'Runs accepted', description: 'Runs a second.', unit: 'reqps' },
          { expr: 'agent:holdfast_runs_accepted:rate5m{agent=~"$agent"}', legend: '{{agent}}' },
        ),
        table(
          {
            title: 'Runs by version',
            description:
              'Ended runs of the chosen time by version of the agent and status: is the new version as good?',
            unit: 'short',
          },
          'sort_desc(sum by (agent, agent_version, status) (increase(holdfast_runs_ended_total{agent=~"$agent"}[$__range])))',
        ),
        table(
          {
            title: 'Why runs did not complete',
            description: 'Runs of the chosen time that ended otherwise, by reason.',
            unit: 'short',
            runbooks: ['runs-failing'],
          },
          'sort_desc(sum by (agent, status, reason) (increase(holdfast_runs_ended_total{agent=~"$agent", status!="completed"}[$__range])))',
        ),
      ],
    },
    {
      title: 'Models and providers',
      panels: [
        lines(
          {
            title: 'Calls that failed',
            description: 'Share of the attempts that failed at the provider.',
            unit: 'percentunit',
            red: { above: 0.25 },
            runbooks: ['provider-failing', 'model-failures-unusual'],
          },
          {
            expr: `provider_model:holdfast_model_failures:ratio_rate5m{${CHOSEN_MODEL}}`,
            legend: '{{provider}} {{model}}',
          },
        ),
        lines(
          {
            title: 'Why calls failed',
            description: 'Failed attempts a second by code. docs/errors.md explains the codes.',
            unit: 'reqps',
            runbooks: ['provider-failing'],
          },
          {
            expr: `sum by (provider, code) (rate(holdfast_model_attempts_total{agent=~"$agent", ${CHOSEN_MODEL}, outcome="failed"}[$__rate_interval]))`,
            legend: '{{provider}} {{code}}',
          },
        ),
        lines(
          {
            title: 'Circuits',
            description: '0 closed, 1 half-open, 2 open: the model is not asked.',
            unit: 'none',
            runbooks: ['breaker-open'],
          },
          {
            expr: `provider_model:holdfast_breaker_state:max{${CHOSEN_MODEL}}`,
            legend: '{{provider}} {{model}}',
          },
        ),
        lines(
          {
            title: 'Length of calls',
            description: 'From the request to the end of the answer.',
            unit: 's',
            red: { above: 60 },
            runbooks: ['model-slow', 'model-duration-unusual'],
          },
          {
            expr: `model:gen_ai_client_operation_duration_seconds:p50_rate15m{${GEN_AI}}`,
            legend: 'p50 {{gen_ai_request_model}}',
          },
          {
            expr: `model:gen_ai_client_operation_duration_seconds:p95_rate15m{${GEN_AI}}`,
            legend: 'p95 {{gen_ai_request_model}}',
          },
          {
            expr: `model:gen_ai_client_operation_duration_seconds:p99_rate15m{${GEN_AI}}`,
            legend: 'p99 {{gen_ai_request_model}}',
          },
        ),
        lines(
          {
            title: 'Time to the first text',
            description: '95th percentile, from the request to the first piece of the answer.',
            unit: 's',
            runbooks: ['model-slow'],
          },
          {
            expr: `model:gen_ai_client_operation_time_to_first_chunk_seconds:p95_rate15m{${GEN_AI}}`,
            legend: '{{gen_ai_request_model}}',
          },
        ),
        lines(
          {
            title: 'Answers by a fallback',
            description: 'Share of the answers that another model than the chain’s first gave.',
            unit: 'percentunit',
            red: { above: 0.2 },
            runbooks: ['fallback-high', 'fallback-unusual'],
          },
          { expr: 'agent:holdfast_fallback:ratio_rate15m{agent=~"$agent"}', legend: '{{agent}}' },
        ),
        lines(
          {
            title: 'Held back',
            description:
              'Calls a second that no provider was asked for: circuit, pause, limit, too many at once.',
            unit: 'reqps',
            runbooks: ['breaker-open'],
          },
          {
            expr: `sum by (model, code) (rate(holdfast_model_held_back_total{${CHOSEN_MODEL}}[$__rate_interval]))`,
            legend: '{{model}} {{code}}',
          },
        ),
        lines(
          {
            title: 'Tokens of a call',
            description:
              'Mean tokens of a call by type. Input that grows is a conversation or a tool result that grows.',
            unit: 'short',
            runbooks: ['tokens-per-call-unusual'],
          },
          {
            expr: `sum by (gen_ai_request_model, gen_ai_token_type) (rate(gen_ai_client_token_usage_sum{${GEN_AI}}[15m])) / sum by (gen_ai_request_model, gen_ai_token_type) (rate(gen_ai_client_token_usage_count{${GEN_AI}}[15m]))`,
            legend: '{{gen_ai_request_model}} {{gen_ai_token_type}}',
          },
        ),
        lines(
          {
            title: 'Answer cache',
            description: 'Share of look-ups that found an answer.',
            unit: 'percentunit',
            runbooks: ['cache-misses-unusual'],
          },
          { expr: 'agent:holdfast_cache_hits:ratio_rate15m{agent=~"$agent"}', legend: '{{agent}}' },
        ),
      ],
    },
    {
      title: 'Tools',
      panels: [
        lines(
          {
            title: 'Attempts that failed',
            description: 'Share of attempts in which the tool itself failed. What it refuses is its answer.',
            unit: 'percentunit',
            red: { above: 0.1 },
            runbooks: ['tool-failing', 'tool-failures-unusual'],
          },
          { expr: 'tool:holdfast_tool_errors:ratio_rate15m{tool=~"$tool"}', legend: '{{tool}}' },
        ),
        lines(
          {
            title: 'Why attempts failed',
            description: 'Attempts a second with a code.',
            unit: 'reqps',
            runbooks: ['tool-failing'],
          },
          {
            expr: 'sum by (tool, code) (rate(holdfast_tool_attempts_total{agent=~"$agent", tool=~"$tool", code!=""}[$__rate_interval]))',
            legend: '{{tool}} {{code}}',
          },
        ),
        lines(
          { title: 'Length of attempts', description: '95th percentile.', unit: 's' },
          { expr: 'tool:holdfast_tool_duration_seconds:p95_rate15m{tool=~"$tool"}', legend: '{{tool}}' },
        ),
      ],
    },
    {
      title: 'People and guards',
      panels: [
        lines(
          {
            title: 'Approvals that wait',
            description: 'Questions to people that nobody has answered.',
            unit: 'none',
            runbooks: ['approval-waits-an-hour'],
          },
          { expr: 'agent:holdfast_approvals_waiting:max{agent=~"$agent"}', legend: '{{agent}}' },
        ),
        lines(
          {
            title: 'Decisions',
            description:
              'Approvals decided in the last hour, and how. Many rejections are an agent that asks for the wrong things.',
            unit: 'short',
          },
          {
            expr: 'sum by (tool, outcome) (increase(holdfast_approvals_decided_total{agent=~"$agent"}[1h]))',
            legend: '{{tool}} {{outcome}}',
          },
        ),
        lines(
          {
            title: 'Wait for a person',
            description: '95th percentile over a day, from the question to the decision.',
            unit: 's',
            runbooks: ['approval-waits-a-day'],
          },
          { expr: 'agent:holdfast_approval_wait_seconds:p95_rate1d{agent=~"$agent"}', legend: '{{agent}}' },
        ),
        lines(
          {
            title: 'Guards',
            description: 'Times that a guard has tripped in 15 minutes.',
            unit: 'none',
            runbooks: ['guard-tripped'],
          },
          { expr: 'guard:holdfast_guard_trips:increase15m', legend: '{{guard}}' },
        ),
      ],
    },
  ],
}

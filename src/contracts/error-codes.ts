/**
 * The catalogue of errors. `who` must act; `retryable` says whether the same request may succeed later without anybody acting; `http` is
 * the status of an answer with the code (0 where no answer has it); `text` is the only wording that a caller or a model is shown.
 */
export interface ErrorRow {
  readonly who: 'caller' | 'operator' | 'provider' | 'nobody'
  readonly retryable: boolean
  readonly http: number
  readonly text: string
}

export const ERROR_CODES = {
  // Requests
  invalid_request: { who: 'caller', retryable: false, http: 400, text: 'The request is not valid.' },
  invalid_json: { who: 'caller', retryable: false, http: 400, text: 'The body is not valid JSON.' },
  invalid_idempotency_key: {
    who: 'caller',
    retryable: false,
    http: 400,
    text: 'An Idempotency-Key is 1 to 255 visible ASCII characters.',
  },
  invalid_cursor: {
    who: 'caller',
    retryable: false,
    http: 400,
    text: 'The cursor is not one that this list gave out.',
  },
  unauthenticated: {
    who: 'caller',
    retryable: false,
    http: 401,
    text: 'No valid API key or token was given.',
  },
  forbidden: { who: 'caller', retryable: false, http: 403, text: 'This API key or token may not do that.' },
  not_an_approver: {
    who: 'caller',
    retryable: false,
    http: 403,
    text: 'You are not among those who may decide this approval.',
  },
  requester_excluded: {
    who: 'caller',
    retryable: false,
    http: 403,
    text: 'Whoever asked for the run may not decide this approval.',
  },
  decision_unsigned: {
    who: 'caller',
    retryable: false,
    http: 403,
    text: 'The decision does not carry a valid signature.',
  },
  not_found: {
    who: 'caller',
    retryable: false,
    http: 404,
    text: 'There is no such thing, or it is not yours.',
  },
  method_not_allowed: {
    who: 'caller',
    retryable: false,
    http: 405,
    text: 'This path does not take that method.',
  },
  not_acceptable: {
    who: 'caller',
    retryable: false,
    http: 406,
    text: 'None of the accepted media types can be produced.',
  },
  request_timeout: { who: 'caller', retryable: true, http: 408, text: 'The request did not arrive in time.' },
  already_decided: {
    who: 'caller',
    retryable: false,
    http: 409,
    text: 'This approval has been decided already.',
  },
  stale: {
    who: 'caller',
    retryable: false,
    http: 409,
    text: 'The decision is about other arguments than the ones that wait.',
  },
  already_voted: {
    who: 'caller',
    retryable: false,
    http: 409,
    text: 'You have voted on this approval already.',
  },
  run_not_resumable: {
    who: 'caller',
    retryable: false,
    http: 409,
    text: 'Only a run that ended incomplete for want of models, budget, steps or an answer of its form can be resumed.',
  },
  schedule_stopped: {
    who: 'caller',
    retryable: false,
    http: 409,
    text: 'The API key that the schedule starts its runs with is not valid any more.',
  },
  key_ended: { who: 'caller', retryable: false, http: 409, text: 'The API key is revoked or has expired.' },
  run_ended: { who: 'caller', retryable: false, http: 409, text: 'The run has ended.' },
  thread_busy: {
    who: 'caller',
    retryable: true,
    http: 409,
    text: 'A run of this thread is under way or waits for its turn.',
  },
  turn_not_begun: {
    who: 'caller',
    retryable: true,
    http: 409,
    text: 'The run waits for its turn in its thread. Until then it can only be cancelled.',
  },
  payload_too_large: {
    who: 'caller',
    retryable: false,
    http: 413,
    text: 'The body is larger than this path takes.',
  },
  uri_too_long: { who: 'caller', retryable: false, http: 414, text: 'The request target is too long.' },
  unsupported_media_type: {
    who: 'caller',
    retryable: false,
    http: 415,
    text: 'Only application/json is taken here.',
  },
  decision_not_allowed: {
    who: 'caller',
    retryable: false,
    http: 422,
    text: 'This approval does not offer that decision.',
  },
  edited_arguments_invalid: {
    who: 'caller',
    retryable: false,
    http: 422,
    text: "The edited arguments do not fit the tool's schema.",
  },
  edit_beyond_policy: {
    who: 'caller',
    retryable: false,
    http: 422,
    text: 'As edited, the policy denies the call, or has others decide about it.',
  },
  edit_not_looked_up: {
    who: 'operator',
    retryable: true,
    http: 422,
    text: 'What has to be known of the call as edited could not be looked up. Nothing is decided.',
  },
  budget_change_invalid: {
    who: 'caller',
    retryable: false,
    http: 422,
    text: 'A limit is a whole number above 0, and only a limit that is there can be added to.',
  },
  misdirected_request: {
    who: 'caller',
    retryable: false,
    http: 421,
    text: 'Only requests from this machine, under a name of its own, are taken here.',
  },
  unknown_agent: { who: 'caller', retryable: false, http: 422, text: 'There is no agent with this name.' },
  too_many_schedules: {
    who: 'caller',
    retryable: false,
    http: 422,
    text: 'This tenant has as many schedules as a tenant can have.',
  },
  idempotency_key_reused: {
    who: 'caller',
    retryable: false,
    http: 422,
    text: 'This Idempotency-Key was used with another request.',
  },
  too_many_requests_ahead: {
    who: 'caller',
    retryable: true,
    http: 429,
    text: 'Too many requests were sent on this connection ahead of their answers.',
  },
  rate_limited: {
    who: 'caller',
    retryable: true,
    http: 429,
    text: 'More requests have come than the limit allows. Try again later.',
  },
  start_rate_limited: {
    who: 'caller',
    retryable: true,
    http: 429,
    text: 'More runs were started than the limit allows. Try again later.',
  },
  too_many_runs: {
    who: 'caller',
    retryable: true,
    http: 429,
    text: 'As many runs as the limit allows have not ended yet.',
  },
  too_many_streams: {
    who: 'caller',
    retryable: true,
    http: 429,
    text: 'As many event streams as the limit allows are open.',
  },
  run_busy: {
    who: 'caller',
    retryable: true,
    http: 429,
    text: 'So much is waiting for this run that it takes nothing more. Try again when it has gone on.',
  },
  thread_full: {
    who: 'caller',
    retryable: true,
    http: 429,
    text: 'As many runs as may wait for their turns in this thread do so already.',
  },
  webhook_url_refused: {
    who: 'caller',
    retryable: false,
    http: 422,
    text: 'Webhooks are sent to https URLs of the public internet alone.',
  },
  too_many_webhooks: {
    who: 'caller',
    retryable: false,
    http: 422,
    text: 'This tenant has as many webhooks as a tenant can have.',
  },
  webhook_disabled: {
    who: 'caller',
    retryable: false,
    http: 409,
    text: 'The webhook is disabled. Enable it first.',
  },
  headers_too_large: {
    who: 'caller',
    retryable: false,
    http: 431,
    text: 'The request headers are too large.',
  },
  internal: { who: 'operator', retryable: false, http: 500, text: 'Something went wrong on our side.' },
  unavailable: {
    who: 'operator',
    retryable: true,
    http: 503,
    text: 'The service cannot answer right now. Try again.',
  },
  overloaded: {
    who: 'operator',
    retryable: true,
    http: 503,
    text: 'The service has too much to do right now. Nothing was done. Try again later.',
  },

  // Model calls
  model_rate_limited: {
    who: 'nobody',
    retryable: true,
    http: 0,
    text: 'The model is busy; the call is repeated when the provider allows.',
  },
  model_overloaded: {
    who: 'provider',
    retryable: true,
    http: 0,
    text: 'The provider is overloaded or failing.',
  },
  model_connect_timed_out: {
    who: 'provider',
    retryable: true,
    http: 0,
    text: 'No connection to the provider could be made in time.',
  },
  model_timed_out: {
    who: 'provider',
    retryable: true,
    http: 0,
    text: 'The provider did not answer in time.',
  },
  model_stalled: { who: 'provider', retryable: true, http: 0, text: 'The answer stopped arriving half-way.' },
  model_call_timed_out: {
    who: 'provider',
    retryable: true,
    http: 0,
    text: 'The answer took longer than a call may take.',
  },
  model_unreachable: {
    who: 'provider',
    retryable: true,
    http: 0,
    text: 'The provider could not be reached.',
  },
  model_answer_malformed: {
    who: 'provider',
    retryable: true,
    http: 0,
    text: 'The answer could not be understood.',
  },
  model_unauthorized: {
    who: 'operator',
    retryable: false,
    http: 0,
    text: 'The provider refused our credentials.',
  },
  model_key_missing: {
    who: 'operator',
    retryable: false,
    http: 0,
    text: 'There is no key for the provider of this model.',
  },
  model_quota_exhausted: {
    who: 'operator',
    retryable: false,
    http: 0,
    text: 'The account at the provider has no credit left.',
  },
  model_request_refused: {
    who: 'operator',
    retryable: false,
    http: 0,
    text: 'The provider does not take this request.',
  },
  model_context_too_long: {
    who: 'caller',
    retryable: false,
    http: 0,
    text: 'The conversation is too long for this model.',
  },
  model_content_filtered: {
    who: 'caller',
    retryable: false,
    http: 0,
    text: "The provider's content policy stopped the answer.",
  },

  model_circuit_open: {
    who: 'provider',
    retryable: true,
    http: 0,
    text: 'The model was not asked, since its circuit breaker is open.',
  },
  model_call_stopped: {
    who: 'nobody',
    retryable: false,
    http: 0,
    text: 'The call was stopped before the provider had answered.',
  },
  model_busy: {
    who: 'nobody',
    retryable: true,
    http: 0,
    text: 'The provider has as many calls at once as it takes; this one waits for its turn.',
  },
  model_held_back: {
    who: 'nobody',
    retryable: true,
    http: 0,
    text: 'The provider has asked for a pause; the call is made when it is over.',
  },
  model_limit_reached: {
    who: 'nobody',
    retryable: true,
    http: 0,
    text: 'A limit of requests or tokens a minute is reached; the call is made when there is room.',
  },
  model_answer_awaited: {
    who: 'nobody',
    retryable: true,
    http: 0,
    text: 'Another run is asking the model the same; this one waits for the answer.',
  },
  embedding_failed: {
    who: 'provider',
    retryable: true,
    http: 0,
    text: 'The embeddings server gave no usable vector.',
  },
  model_price_unknown: {
    who: 'operator',
    retryable: false,
    http: 0,
    text: 'The price book does not know this model, and the budget wants its price known.',
  },

  // Tool calls: these texts are what the model reads
  tool_unknown: { who: 'nobody', retryable: false, http: 0, text: 'There is no tool with this name.' },
  tool_arguments_not_json: {
    who: 'nobody',
    retryable: false,
    http: 0,
    text: 'The arguments are no JSON object.',
  },
  tool_arguments_too_large: {
    who: 'nobody',
    retryable: false,
    http: 0,
    text: 'The arguments are too large or too deep.',
  },
  tool_arguments_invalid: {
    who: 'nobody',
    retryable: false,
    http: 0,
    text: "The arguments do not fit the tool's schema.",
  },
  tool_too_many_calls: {
    who: 'nobody',
    retryable: false,
    http: 0,
    text: 'Too many tool calls at once. This one was not made; ask for fewer.',
  },
  tool_not_found: { who: 'nobody', retryable: false, http: 0, text: 'Not found.' },
  tool_refused: { who: 'nobody', retryable: false, http: 0, text: 'The tool does not allow this.' },
  tool_failed: {
    who: 'operator',
    retryable: true,
    http: 0,
    text: 'The tool failed and could not do this.',
  },
  tool_timed_out: { who: 'operator', retryable: true, http: 0, text: 'The tool did not answer in time.' },
  tool_look_up_failed: {
    who: 'operator',
    retryable: true,
    http: 0,
    text: 'What has to be known before this call could not be looked up. It was not made.',
  },
  tool_facts_too_large: {
    who: 'operator',
    retryable: false,
    http: 0,
    text: 'What was looked up before this call is too large or too deep. It was not made.',
  },
  tool_denied: { who: 'nobody', retryable: false, http: 0, text: 'The policy does not allow this call.' },
  tool_rejected: {
    who: 'nobody',
    retryable: false,
    http: 0,
    text: 'A person rejected this call. It was not made.',
  },
  tool_approval_expired: {
    who: 'nobody',
    retryable: false,
    http: 0,
    text: 'Nobody approved this call in time. It was not made.',
  },
  tool_result_too_large: {
    who: 'nobody',
    retryable: false,
    http: 0,
    text: 'The result is too long to be shown. Ask for less.',
  },
  tool_outcome_unknown: {
    who: 'operator',
    retryable: false,
    http: 0,
    text: 'It is not known whether this call took effect. Do not repeat it; a person has to look.',
  },
  tool_budget_reached: {
    who: 'nobody',
    retryable: false,
    http: 0,
    text: 'The budget of this run does not allow the call. It was not made; answer with what you have.',
  },
  tool_handed_off: {
    who: 'nobody',
    retryable: false,
    http: 0,
    text: 'Not made: another call of the same answer has handed the run to somebody else.',
  },
  tool_cancelled: { who: 'nobody', retryable: false, http: 0, text: 'The call was cancelled.' },
  tool_arguments_mismatch: {
    who: 'operator',
    retryable: false,
    http: 0,
    text: 'The arguments are not the ones that were decided on. The call was not made.',
  },

  // Deliveries of webhooks
  webhook_refused: {
    who: 'caller',
    retryable: true,
    http: 0,
    text: 'The endpoint answered with another status than 2xx.',
  },
  webhook_gone: {
    who: 'caller',
    retryable: false,
    http: 0,
    text: 'The endpoint answered 410: it takes no more deliveries.',
  },
  webhook_timed_out: {
    who: 'caller',
    retryable: true,
    http: 0,
    text: 'The endpoint did not answer in time.',
  },
  webhook_unreachable: {
    who: 'caller',
    retryable: true,
    http: 0,
    text: 'The endpoint could not be reached.',
  },
  webhook_address_refused: {
    who: 'caller',
    retryable: true,
    http: 0,
    text: 'The endpoint does not lead to the public internet. No connection was made.',
  },

  // Everything else inside a run
  budget_reached: {
    who: 'caller',
    retryable: false,
    http: 0,
    text: 'The budget does not cover the next step.',
  },
  run_not_accepted: { who: 'operator', retryable: false, http: 0, text: 'No such run was accepted.' },
  call_not_authorised: { who: 'operator', retryable: false, http: 0, text: 'The store allows no such call.' },
  store_unavailable: { who: 'operator', retryable: true, http: 0, text: 'The store did not answer.' },
  agent_unknown: {
    who: 'operator',
    retryable: true,
    http: 0,
    text: 'This worker does not know the agent, the prompt version or a tool of the run.',
  },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof ERROR_CODES

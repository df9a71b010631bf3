import type { ErrorCode } from '../../../contracts/error-codes.ts'

/** The providers' own error codes, where they say more than the status that they come with. */
export const BY_NAME: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  // Money: most of these come as 429, and no waiting mends them.
  ['insufficient_quota', 'model_quota_exhausted'],
  ['billing_hard_limit_reached', 'model_quota_exhausted'],
  ['billing_not_active', 'model_quota_exhausted'],
  ['billing_error', 'model_quota_exhausted'],
  ['enforced_spend_limit_reached', 'model_quota_exhausted'],
  ['contract_spend_limit_reached', 'model_quota_exhausted'],
  ['linked_organization_spend_limit_reached', 'model_quota_exhausted'],
  ['linked_organization_billing_unavailable', 'model_quota_exhausted'],
  // Length
  ['context_length_exceeded', 'model_context_too_long'],
  ['exceed_context_size_error', 'model_context_too_long'],
  ['request_too_large', 'model_context_too_long'],
  ['request_body_too_large_after_decoding', 'model_context_too_long'],
  // Content
  ['content_filter', 'model_content_filtered'],
  ['content_policy_violation', 'model_content_filtered'],
  ['invalid_prompt', 'model_content_filtered'],
  ['bio_policy', 'model_content_filtered'],
  ['cyber_policy', 'model_content_filtered'],
  ['misalignment_policy_violation', 'model_content_filtered'],
  ['image_content_policy_violation', 'model_content_filtered'],
  // Access
  ['invalid_api_key', 'model_unauthorized'],
  ['organization_on_hold', 'model_unauthorized'],
])

/** For what a provider tells in words alone; used only where the request itself is refused. */
export const BY_TEXT: readonly (readonly [RegExp, ErrorCode])[] = [
  [
    /prompt is too long|exceeds? (the )?(available |model's )?(maximum )?context|maximum context length/i,
    'model_context_too_long',
  ],
  // An id or a name that is too long says so in the same words, and is no long conversation.
  [/(input|content|text|output|instructions)'?: string too long/i, 'model_context_too_long'],
  [/credit balance is too low/i, 'model_quota_exhausted'],
]

/** What is not here goes by its class: 5xx is the provider's trouble, any other refuses the request. */
export const BY_STATUS: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [401, 'model_unauthorized'],
  [402, 'model_quota_exhausted'],
  [403, 'model_unauthorized'],
  [408, 'model_timed_out'],
  [409, 'model_overloaded'],
  [413, 'model_context_too_long'],
  [425, 'model_overloaded'],
  [429, 'model_rate_limited'],
  [499, 'model_overloaded'],
])

/**
 * Errors inside a stream that began with 200 often have no status, only a type or code, here in lower case; an unknown one is
 * taken as trouble.
 */
export const BY_TYPE: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['rate_limit_exceeded', 'model_rate_limited'],
  ['rate_limit_error', 'model_rate_limited'],
  ['ramp_limit_exceeded', 'model_rate_limited'],
  ['resource_exhausted', 'model_rate_limited'],
  ['overloaded_error', 'model_overloaded'],
  ['api_error', 'model_overloaded'],
  ['server_error', 'model_overloaded'],
  ['service_unavailable', 'model_overloaded'],
  ['unavailable', 'model_overloaded'],
  ['timeout_error', 'model_timed_out'],
  ['authentication_error', 'model_unauthorized'],
  ['permission_error', 'model_unauthorized'],
  ['unauthenticated', 'model_unauthorized'],
  ['permission_denied', 'model_unauthorized'],
  ['invalid_request_error', 'model_request_refused'],
  ['not_found_error', 'model_request_refused'],
  ['data_residency_mismatch', 'model_request_refused'],
])

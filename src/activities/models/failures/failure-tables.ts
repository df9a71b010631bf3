import type { ErrorCode } from '../../../contracts/error-codes.ts'

/** The providers' own error codes, where they are more precise than the HTTP status. */
export const BY_NAME: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  // Money: most of these come with status 429, but waiting is of no use.
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

/** Messages of errors without a code of their own; used only where the request itself is refused. */
export const BY_TEXT: readonly (readonly [RegExp, ErrorCode])[] = [
  [
    /prompt is too long|exceeds? (the )?(available |model's )?(maximum )?context|maximum context length/i,
    'model_context_too_long',
  ],
  // The field's name is needed: a tool name or an id that is too long has the same message, and does not mean a long conversation.
  [/(input|content|text|output|instructions)'?: string too long/i, 'model_context_too_long'],
  [/credit balance is too low/i, 'model_quota_exhausted'],
]

/** HTTP statuses. Of those that are missing here, 5xx is a fault of the provider, and any other a refusal of the request. */
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
 * Types and codes, in lower case, of errors without a status, as in a stream that began with status 200. An unknown one counts as a
 * fault of the provider.
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

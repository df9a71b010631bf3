import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common'

/*
 * What runs can be searched for in Temporal. Never encrypted, so nothing personal; each has to be registered with the
 * server (`npm start` and the compose file do).
 */
export const TENANT_ATTRIBUTE = defineSearchAttributeKey('HoldfastTenant', SearchAttributeType.KEYWORD)
export const AGENT_ATTRIBUTE = defineSearchAttributeKey('HoldfastAgent', SearchAttributeType.KEYWORD)
export const STATUS_ATTRIBUTE = defineSearchAttributeKey('HoldfastStatus', SearchAttributeType.KEYWORD)
export const PROMPT_VERSION_ATTRIBUTE = defineSearchAttributeKey(
  'HoldfastPromptVersion',
  SearchAttributeType.KEYWORD,
)

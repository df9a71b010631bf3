import { defineSpecialist } from '../define-agent.ts'

/** How things are used, cared for and put right. Sees no orders and changes nothing. */
export const technical = defineSpecialist({
  name: 'technical',
  version: 'v1',
  tier: 'standard',
  prompt: { name: 'technical', version: 'v1' },
  tools: ['search_help', 'read_article', 'research', 'escalate_to_person', 'hand_back'],
  degradedAnswer:
    'I am sorry, I cannot answer right now. If something smells of burning, sparks or leaks, please unplug it and do not use it. Otherwise write again in a few minutes, or to help@larkmoor.example.',
})

import { isTainted, type Memory } from '../../contracts/memory/memory.ts'
import type { MemoryResource } from './memory.schema.ts'

export function toMemoryResource(memory: Memory): MemoryResource {
  const { source, editedBy, editedAt } = memory
  return {
    id: memory.id,
    object: 'memory',
    principal: memory.principal,
    fact: memory.fact,
    about: memory.about,
    source: {
      agent: source.agent,
      run_id: source.runId,
      ...(source.threadId !== null && { thread_id: source.threadId }),
      step: source.step,
      index: source.index,
      seq: source.seq,
    },
    tainted: isTainted(memory),
    tainted_by: [...source.taintedBy],
    created_at: memory.createdAt,
    kept_at: memory.keptAt,
    ...(editedBy !== null && { edited_by: editedBy }),
    ...(editedAt !== null && { edited_at: editedAt }),
  }
}

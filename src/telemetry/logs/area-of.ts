import type { LogArea } from '../../contracts/processes/log-levels.ts'

/** A logger whose lines say which part of the product they are of, and that has this part's level. */
export function areaOf<L extends { child(bindings: { area: LogArea }): L }>(logger: L, area: LogArea): L {
  return logger.child({ area })
}

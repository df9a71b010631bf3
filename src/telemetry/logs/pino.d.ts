import type { LineFields } from './line-fields.ts'

/** Holds every call of a logger in the product to the names. A declaration file, so that the package does not bring it to its users. */
declare module 'pino' {
  interface LogFnFields extends LineFields {}
}

import { WAIT_JITTER } from '../../policies/models/concurrency.ts'

/** A wait made longer at random, never shorter, in whole milliseconds. */
export function withJitter(ms: number): number {
  return Math.ceil(ms * (1 + WAIT_JITTER * Math.random()))
}

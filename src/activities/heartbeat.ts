import { Context, heartbeat } from '@temporalio/activity'
import type { JsonObject } from '../contracts/json.ts'

const shown = new WeakMap<Context, JsonObject>()

/**
 * Sends a heartbeat, with what the attempt has to show. Every heartbeat takes the place of the one before it, so that one without
 * details would remove those from the Temporal Web UI.
 */
export function beat(): void {
  heartbeat(shown.get(Context.current()))
}

/**
 * Shows details of this attempt in the Temporal Web UI. They are for people: no attempt reads those of an earlier one, since whoever
 * reaches Temporal can write others.
 */
export function showInHeartbeats(details: JsonObject): void {
  shown.set(Context.current(), details)
  beat()
}

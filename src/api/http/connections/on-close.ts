import type { ServerResponse } from 'node:http'

/** Calls back when an answer's connection closes: at once where it is closed already, as that of a reader who has left early. */
export function onClose(response: ServerResponse, closed: () => void): void {
  if (response.destroyed) closed()
  else response.once('close', closed)
}

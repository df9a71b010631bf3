import { readWebhookUrl, type WebhookUrl } from '../../security/webhooks/webhook-url.ts'
import { Problem } from '../http/problems/problem.ts'

/**
 * The URL of a webhook, as it is stored. Names are not looked up here: where one leads is decided at each attempt.
 *
 * @param pointer to it in the body
 * @throws Problem webhook_url_refused
 */
export function requireUrl(text: string, allowedHosts: ReadonlySet<string>, pointer = '/url'): WebhookUrl {
  const read = readWebhookUrl(text, allowedHosts)
  if ('problem' in read) {
    throw new Problem('webhook_url_refused', { errors: [{ pointer, detail: read.problem }] })
  }
  return read
}

import { RUN_WEBHOOK_EVENTS } from '../../contracts/webhooks/webhook.ts'
import type { RunWebhook } from '../../store/webhooks/accept-run-with-webhook.ts'
import { requireUrl } from './require-url.ts'
import type { RunWebhookBody } from './webhook.schema.ts'

/** @throws Problem webhook_url_refused */
export function toRunWebhook(
  { url, events, secret }: RunWebhookBody,
  allowedHosts: ReadonlySet<string>,
): RunWebhook {
  const { href, host } = requireUrl(url, allowedHosts, '/webhook/url')
  return { url: href, host, events: [...new Set(events ?? RUN_WEBHOOK_EVENTS)], secret }
}

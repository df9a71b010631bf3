import type { WorkflowLink } from './to-run-resource.ts'

/** Pages of the Temporal Web UI by workflow id, which it takes percent-encoded as one part of the path. */
export function workflowLink(webUiUrl: string | null, namespace: string): WorkflowLink {
  if (webUiUrl === null) return () => null
  const base = `${webUiUrl.replace(/\/$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows`
  return (workflowId) => `${base}/${encodeURIComponent(workflowId)}`
}

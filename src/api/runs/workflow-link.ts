/** The address of a workflow's page in the Temporal Web UI; null where the Web UI's own address is not known. */
export type WorkflowLink = (workflowId: string) => string | null

/** A workflow id may contain slashes: the Web UI takes it percent-encoded, as one part of the path. */
export function workflowLink(webUiUrl: string | null, namespace: string): WorkflowLink {
  if (webUiUrl === null) return () => null
  const base = `${webUiUrl.replace(/\/$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows`
  return (workflowId) => `${base}/${encodeURIComponent(workflowId)}`
}

/** Where a message is, in SQL: its run's columns, what they are from, and its JSON. */
interface MessageSource {
  readonly runId: string
  readonly tenant: string
  readonly from: string
  readonly message: string
}

/** SQL that notes which files messages of a run refer to. A file that was removed meanwhile is noted as well, which does no harm. */
export function addFileUses({ runId, tenant, from, message }: MessageSource): string {
  return `
    insert into run_files (run_id, file_id, tenant)
    select distinct ${runId}, file ->> 'id', ${tenant} from ${from}, json_array_elements(${message} -> 'files') as file
    on conflict do nothing`
}

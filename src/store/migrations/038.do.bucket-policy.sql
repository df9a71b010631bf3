-- What is left of a tenant's own limits towards providers is the tenant's; limits of all tenants together are everybody's.
alter table provider_buckets enable row level security;
create policy of_tenant on provider_buckets
  using (current_user <> 'holdfast_tenant' or tenant is null or tenant = current_setting('holdfast.tenant', true));

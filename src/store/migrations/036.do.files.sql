-- Files that callers give to runs: images and PDFs.

-- Equal content of a tenant is kept once. Tenants never share content: how an upload is taken would say what another tenant has.
create table file_contents (
  tenant text not null,
  sha256 text not null,
  bytes integer not null,
  content bytea not null,
  primary key (tenant, sha256)
);
-- It is compressed already.
alter table file_contents alter column content set storage external;

create table files (
  id text collate "C" primary key,
  tenant text not null,
  principal text not null,
  sha256 text not null,
  type text not null,
  bytes integer not null,
  name text,
  -- The most that a model counts for it.
  tokens integer not null,
  created_at timestamptz(3) not null default now()
);
create index files_of_content on files (tenant, sha256);
create index files_by_age on files (created_at);

-- Which runs have messages with a file. A run has at most one row for a file.
create table run_files (
  run_id text collate "C" not null,
  file_id text collate "C" not null,
  tenant text not null,
  primary key (run_id, file_id)
);
create index run_files_by_file on run_files (file_id);

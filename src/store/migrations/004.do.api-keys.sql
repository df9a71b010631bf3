-- Who may call the API. A key's text is shown once, when it is made; only the hash of its secret is kept.

create table api_keys (
  id text collate "C" primary key,
  tenant text not null,
  principal text not null,
  groups text[] not null,
  scopes text[] not null,
  -- SHA-256, hex. The secret is 190 random bits: a slow hash would protect nothing that this one does not.
  secret_sha256 text not null,
  created_at timestamptz(3) not null default now(),
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  revoked_at timestamptz(3)
);

create index api_keys_listed on api_keys (tenant, created_at desc, id desc);

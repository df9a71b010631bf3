-- Who has made a key, and which tokens for pages have ended with a secret of it.

alter table api_keys
  -- As `runs.started_by`. null: made on the machine, by a release that kept none, or at an API that asks for no key.
  add column created_by jsonb,
  -- When the key got its secret, and how long tokens that it made before go on. Both null where it was never rotated, or by a release that kept neither.
  add column rotated_at timestamptz(3),
  add column earlier_tokens_until timestamptz(3);

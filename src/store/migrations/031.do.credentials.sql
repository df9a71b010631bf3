-- Which credential has made a request, and keys that are rotated without a moment in which neither secret is taken.

alter table api_keys
  -- The secret before the last rotation, as `secret_sha256`, and until when it is taken. Both null where there is none.
  add column old_secret_sha256 text,
  add column old_secret_until timestamptz(3);

-- {"type": "key", "id": …, "principal": …} or {"type": "token", "issuer": …, "id": …, "principal": …}. null: a sub-agent's run, one of a
-- release that kept none, or of an API that asks for no key.
alter table runs add column started_by json;

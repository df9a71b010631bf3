-- Tokens for pages that a rotation has ended stay ended, whatever the key's next rotations say.

alter table api_keys
  -- No token that the key made at this time or before is good any more. `rotated_at` and `earlier_tokens_until` are of the last rotation,
  -- this is what those before it have left. null: they have ended none.
  add column tokens_since timestamptz(3);

-- Refresh tokens of users: one row for each login, which holds the hash of the one token that is
-- good now. A token names its row, so one that was used before is known by not being the good one, and
-- nothing has to be kept of it.
create table refresh_tokens (
  -- Random, and part of every token of the login.
  family bytea primary key,
  token_sha256 bytea not null,
  client_id text not null references applications (client_id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  -- Those of the login; an application that has lost some since grants no more of them.
  scopes text[] not null,
  created_at timestamptz not null,
  -- Moves with every refresh.
  expires_at timestamptz not null
);
create index refresh_tokens_of_user on refresh_tokens (user_id, client_id, created_at);
create index refresh_tokens_by_end on refresh_tokens (expires_at);

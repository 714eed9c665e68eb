-- What each user wants to be told and how, browsers that take push messages, providers that
-- are out of reach, API tokens, and webhooks that go out.

-- Whom a job goes through: 'otp', 'chat', 'push:<origin>', 'hook:<id>'; '' for work done here.
ALTER TABLE job ADD COLUMN provider TEXT NOT NULL DEFAULT '';
-- 0: later ones to the same recipient don't wait for it (its time has not come, or it was
-- refused for what is in it).
ALTER TABLE job ADD COLUMN holds INTEGER NOT NULL DEFAULT 1 CHECK (holds IN (0, 1));
UPDATE job SET provider = CASE kind WHEN 'otp' THEN 'otp' WHEN 'message' THEN 'chat' ELSE '' END;
CREATE INDEX job_through ON job(kind, provider, next_ms, id) WHERE state IN ('waiting', 'leased');
CREATE INDEX job_hook ON job(provider, id) WHERE provider >= 'hook:' AND provider < 'hook;';

-- A provider that is out of reach: nothing is sent through it but one probe at a time.
CREATE TABLE circuit (
    provider TEXT PRIMARY KEY,
    since_ms INTEGER NOT NULL,
    failures INTEGER NOT NULL CHECK (failures > 0),
    probe_ms INTEGER NOT NULL, -- when the next try is made
    error TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- A permission's module, 'account' or 'admin'; '' before kinds were told apart.
ALTER TABLE notification ADD COLUMN kind TEXT NOT NULL DEFAULT '';
CREATE INDEX notification_old ON notification(read_ms) WHERE read_ms IS NOT NULL;

-- How a user wants to hear of a kind; no row: in every way there is.
CREATE TABLE notify_choice (
    user_id INTEGER NOT NULL REFERENCES user,
    kind TEXT NOT NULL,
    app INTEGER NOT NULL CHECK (app IN (0, 1)),
    chat INTEGER NOT NULL CHECK (chat IN (0, 1)),
    push INTEGER NOT NULL CHECK (push IN (0, 1)),
    PRIMARY KEY (user_id, kind)
) STRICT, WITHOUT ROWID;

-- Quiet hours: minutes of the day in the user's zone; they may go over midnight.
CREATE TABLE notify_quiet (
    user_id INTEGER PRIMARY KEY REFERENCES user,
    from_minute INTEGER NOT NULL CHECK (from_minute BETWEEN 0 AND 1439),
    to_minute INTEGER NOT NULL CHECK (to_minute BETWEEN 0 AND 1439),
    zone TEXT NOT NULL,
    CHECK (from_minute <> to_minute)
) STRICT;

-- A browser that takes push messages; it ends with its session. Its id is never given again:
-- what still waits for it is not another's.
CREATE TABLE push_subscription (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES user,
    session_id INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
    endpoint TEXT NOT NULL UNIQUE CHECK (length(endpoint) BETWEEN 10 AND 1000),
    provider TEXT NOT NULL CHECK (provider GLOB 'push:http*'),
    p256dh TEXT NOT NULL CHECK (length(p256dh) = 87), -- base64url, as the browser gave it
    auth TEXT NOT NULL CHECK (length(auth) = 22),
    created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX push_subscription_user ON push_subscription(user_id);
CREATE INDEX push_subscription_session ON push_subscription(session_id);

-- Programs that act for an account. Only the token's hash is here.
CREATE TABLE api_token (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account,
    user_id INTEGER NOT NULL REFERENCES user, -- who made it: it never may more than they
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_ms INTEGER NOT NULL,
    used_ms INTEGER,
    revoked_ms INTEGER
) STRICT;
CREATE INDEX api_token_account ON api_token(account_id, id);
CREATE TABLE api_token_level (
    token_id INTEGER NOT NULL REFERENCES api_token,
    module TEXT NOT NULL,
    level INTEGER NOT NULL CHECK (level IN (1, 2)),
    PRIMARY KEY (token_id, module)
) STRICT, WITHOUT ROWID;
-- A token's rights never grow.
CREATE TRIGGER api_token_level_fixed BEFORE UPDATE ON api_token_level
BEGIN SELECT RAISE(ABORT, 'a token''s permissions are not changed'); END;
CREATE TRIGGER api_token_over BEFORE UPDATE OF revoked_ms ON api_token
    WHEN OLD.revoked_ms IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a revoked token stays so'); END;

-- Addresses that are told of orders and stock. A delivery is a job through 'hook:<id>'.
CREATE TABLE hook (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account,
    user_id INTEGER NOT NULL REFERENCES user, -- who is told when it is switched off
    url TEXT NOT NULL CHECK (length(url) BETWEEN 10 AND 500),
    secret TEXT NOT NULL, -- sealed with the key file
    has_orders INTEGER NOT NULL CHECK (has_orders IN (0, 1)),
    has_stock INTEGER NOT NULL CHECK (has_stock IN (0, 1)),
    state TEXT NOT NULL DEFAULT 'on' CHECK (state IN ('on', 'off', 'removed')),
    failing_since_ms INTEGER, -- since when nothing got through
    created_ms INTEGER NOT NULL,
    CHECK (has_orders = 1 OR has_stock = 1)
) STRICT;
CREATE INDEX hook_account ON hook(account_id, state);

-- What leaves the program, what comes in, and what people are told.

-- The outbox and all work to be done later.
CREATE TABLE job (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('otp', 'message', 'webhook', 'media', 'remind')),
    recipient TEXT NOT NULL DEFAULT '', -- kept in order by recipient
    payload TEXT NOT NULL,              -- JSON
    key TEXT UNIQUE,                    -- of the cause; one job for each
    state TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'leased', 'done', 'failed', 'expired')),
    tries INTEGER NOT NULL DEFAULT 0,
    next_ms INTEGER NOT NULL,
    leased_until_ms INTEGER NOT NULL DEFAULT 0,
    expires_ms INTEGER,
    error TEXT NOT NULL DEFAULT '',
    provider_id TEXT, -- the provider's id of what was sent
    status TEXT NOT NULL DEFAULT '', -- the provider's last word: sent, delivered, read, failed
    created_ms INTEGER NOT NULL,
    done_ms INTEGER
) STRICT;
CREATE INDEX job_due ON job(kind, next_ms) WHERE state IN ('waiting', 'leased');
CREATE INDEX job_recipient ON job(recipient, id) WHERE state IN ('waiting', 'leased');
CREATE INDEX job_provider ON job(provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX job_expires ON job(expires_ms) WHERE expires_ms IS NOT NULL;
CREATE INDEX job_state ON job(state, id);
CREATE INDEX job_otp ON job(recipient, id) WHERE kind = 'otp' AND state = 'done';
CREATE INDEX job_old ON job(done_ms) WHERE done_ms IS NOT NULL;

-- What a webhook brought, each message once.
CREATE TABLE webhook_message (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    message_id TEXT NOT NULL, -- the provider's; for a status "id:status"
    sender TEXT NOT NULL DEFAULT '',
    payload TEXT NOT NULL,    -- JSON of the one message
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'ignored', 'failed')),
    sent_ms INTEGER NOT NULL, -- by the provider's clock
    at_ms INTEGER NOT NULL,   -- when it came here
    UNIQUE (source, message_id)
) STRICT;
CREATE INDEX webhook_waiting ON webhook_message(sender, sent_ms, id) WHERE state = 'waiting';
CREATE INDEX webhook_at ON webhook_message(at_ms);

-- The dialogue with one WhatsApp number.
CREATE TABLE dialogue (
    chat TEXT PRIMARY KEY, -- the sender: digits, or the business-scoped user id
    user_id INTEGER REFERENCES user,
    account_id INTEGER REFERENCES account,
    lang TEXT NOT NULL DEFAULT '',
    step TEXT NOT NULL DEFAULT '',
    draft TEXT NOT NULL DEFAULT '{}', -- JSON
    authenticated_until_ms INTEGER NOT NULL DEFAULT 0,
    is_waiting INTEGER NOT NULL DEFAULT 0 CHECK (is_waiting IN (0, 1)), -- for the vendor role
    updated_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dialogue_user ON dialogue(user_id) WHERE user_id IS NOT NULL;
CREATE INDEX dialogue_account ON dialogue(account_id) WHERE is_waiting = 1;

CREATE TABLE notification (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES user,
    account_id INTEGER REFERENCES account,
    key TEXT NOT NULL,    -- of the text
    args TEXT NOT NULL DEFAULT '{}', -- JSON
    href TEXT NOT NULL DEFAULT '',
    at_ms INTEGER NOT NULL,
    read_ms INTEGER
) STRICT;
CREATE INDEX notification_user ON notification(user_id, id);
CREATE INDEX notification_unread ON notification(user_id) WHERE read_ms IS NULL;

-- Users, accounts, sessions, one-time passwords, the vendor role, audit.
-- Times are UTC milliseconds (_ms), money paise, quantities thousandths (_milli).

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE user (
    id INTEGER PRIMARY KEY,
    mobile TEXT NOT NULL UNIQUE CHECK (mobile GLOB '+[1-9]*' AND length(mobile) BETWEEN 9 AND 16),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    lang TEXT NOT NULL DEFAULT 'en',
    address TEXT NOT NULL DEFAULT '',
    makes TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('waiting', 'active', 'suspended')),
    is_admin INTEGER NOT NULL DEFAULT 0 CHECK (is_admin IN (0, 1)),
    password_hash TEXT,
    created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX user_waiting ON user(id) WHERE state = 'waiting';
CREATE INDEX user_admin ON user(id) WHERE is_admin = 1;

CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE, -- the account's name
    has_made_email INTEGER NOT NULL DEFAULT 0 CHECK (has_made_email IN (0, 1)),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    address TEXT NOT NULL DEFAULT '',
    zone TEXT NOT NULL DEFAULT 'Asia/Kolkata',
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended')),
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE membership (
    account_id INTEGER NOT NULL REFERENCES account,
    user_id INTEGER NOT NULL REFERENCES user,
    is_primary INTEGER NOT NULL DEFAULT 0 CHECK (is_primary IN (0, 1)),
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (account_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX membership_primary ON membership(account_id) WHERE is_primary = 1;
CREATE INDEX membership_user ON membership(user_id, account_id);

-- What a secondary user may do in a module: 1 view, 2 change; no row: nothing.
CREATE TABLE permission (
    account_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    module TEXT NOT NULL,
    level INTEGER NOT NULL CHECK (level IN (1, 2)),
    PRIMARY KEY (account_id, user_id, module),
    FOREIGN KEY (account_id, user_id) REFERENCES membership ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Modules that the admin took away from an account.
CREATE TABLE module_off (
    account_id INTEGER NOT NULL REFERENCES account,
    module TEXT NOT NULL,
    PRIMARY KEY (account_id, module)
) STRICT, WITHOUT ROWID;

-- One row an account that asked for the vendor role.
CREATE TABLE vendor (
    account_id INTEGER PRIMARY KEY REFERENCES account,
    handle TEXT NOT NULL UNIQUE CHECK (length(handle) BETWEEN 3 AND 40),
    trade_name TEXT NOT NULL CHECK (length(trade_name) BETWEEN 1 AND 80),
    about TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    state_code TEXT NOT NULL CHECK (state_code GLOB '[0-9][0-9]'), -- GST State code
    gst_status TEXT NOT NULL CHECK (gst_status IN ('regular', 'composition', 'unregistered')),
    gstin TEXT,
    upi TEXT,
    mobile TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'asked'
        CHECK (state IN ('asked', 'approved', 'declined', 'suspended')),
    reason TEXT NOT NULL DEFAULT '', -- why declined or suspended
    stock_rule TEXT NOT NULL DEFAULT 'reserve'
        CHECK (stock_rule IN ('any', 'available', 'reserve')),
    is_doorstep INTEGER NOT NULL DEFAULT 0 CHECK (is_doorstep IN (0, 1)),
    doorstep_paise INTEGER NOT NULL DEFAULT 0 CHECK (doorstep_paise >= 0),
    version INTEGER NOT NULL DEFAULT 1, -- of the catalog; moved by triggers
    asked_ms INTEGER NOT NULL,
    decided_ms INTEGER,
    CHECK (gst_status = 'unregistered' OR gstin IS NOT NULL)
) STRICT;
CREATE INDEX vendor_state ON vendor(state, asked_ms);

-- A browser: signed in (user_id) or a visitor with a cart. Only the token's hash is here.
CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    user_id INTEGER REFERENCES user,
    account_id INTEGER REFERENCES account,
    lang TEXT,
    agent TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    created_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX session_user ON session(user_id);
CREATE INDEX session_expires ON session(expires_ms);

-- One-time passwords. `code_hash` is keyed with a key that is not in this file.
CREATE TABLE otp (
    id INTEGER PRIMARY KEY,
    mobile TEXT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('signin', 'signup', 'chat')),
    browser BLOB NOT NULL, -- hash of what binds it to the browser or chat that asked
    code_hash BLOB NOT NULL,
    details TEXT NOT NULL DEFAULT '{}', -- JSON: what signing up gave
    tries INTEGER NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    state TEXT NOT NULL DEFAULT 'open'
        CHECK (state IN ('open', 'used', 'replaced', 'locked', 'expired')),
    address TEXT NOT NULL DEFAULT '',
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX otp_open ON otp(mobile, browser) WHERE state = 'open';
CREATE INDEX otp_mobile ON otp(mobile, created_ms);
CREATE INDEX otp_address ON otp(address, created_ms);

-- One-time keys of forms and of the Idempotency-Key header, with what the request made.
CREATE TABLE once (
    key TEXT PRIMARY KEY,
    digest BLOB NOT NULL,
    made INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX once_at ON once(at_ms);

CREATE TABLE audit_entry (
    id INTEGER PRIMARY KEY,
    account_id INTEGER REFERENCES account, -- NULL: of the installation
    user_id INTEGER REFERENCES user,       -- NULL: the system
    user_name TEXT NOT NULL DEFAULT '',    -- as it was then
    address TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT NOT NULL DEFAULT '',
    after TEXT NOT NULL DEFAULT '',
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_account ON audit_entry(account_id, id);
CREATE TRIGGER audit_entry_fixed BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'audit entries are not changed'); END;
CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE(ABORT, 'audit entries are not deleted'); END;

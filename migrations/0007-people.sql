-- Who gets into an account and how; passwords; a number on its way to another; where the
-- audit log is searched.

-- An account asks a number in. Whoever proves the number may accept, once.
CREATE TABLE invitation (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account,
    mobile TEXT NOT NULL CHECK (mobile GLOB '+[1-9]*' AND length(mobile) BETWEEN 9 AND 16),
    name TEXT NOT NULL DEFAULT '' CHECK (length(name) <= 80), -- as the inviter calls them
    levels TEXT NOT NULL, -- JSON {module: 1 or 2}: given on joining
    state TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'joined', 'declined', 'withdrawn', 'expired')),
    invited_by INTEGER NOT NULL REFERENCES user,
    user_id INTEGER REFERENCES user, -- who joined or declined
    sends INTEGER NOT NULL DEFAULT 1 CHECK (sends BETWEEN 1 AND 5),
    created_ms INTEGER NOT NULL,
    sent_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    decided_ms INTEGER,
    CHECK (state NOT IN ('joined', 'declined') OR user_id IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX invitation_open ON invitation(account_id, mobile)
    WHERE state IN ('waiting', 'expired');
CREATE INDEX invitation_account ON invitation(account_id, id);
CREATE INDEX invitation_mobile ON invitation(mobile, id);
CREATE INDEX invitation_expires ON invitation(expires_ms) WHERE state = 'waiting';
CREATE INDEX invitation_by ON invitation(invited_by) WHERE state IN ('waiting', 'expired');
CREATE TRIGGER invitation_once BEFORE UPDATE ON invitation
WHEN OLD.state IN ('joined', 'declined', 'withdrawn')
BEGIN SELECT RAISE(ABORT, 'an invitation is used once'); END;

-- A user asks to be let in to an account.
CREATE TABLE join_request (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account,
    user_id INTEGER NOT NULL REFERENCES user,
    note TEXT NOT NULL DEFAULT '' CHECK (length(note) <= 200),
    state TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'approved', 'refused', 'withdrawn')),
    reason TEXT NOT NULL DEFAULT '', -- why refused
    asked_ms INTEGER NOT NULL,
    decided_ms INTEGER,
    decided_by INTEGER REFERENCES user,
    CHECK (state <> 'refused' OR reason <> '')
) STRICT;
CREATE UNIQUE INDEX join_request_open ON join_request(account_id, user_id)
    WHERE state = 'waiting';
CREATE INDEX join_request_user ON join_request(user_id, id);
CREATE TRIGGER join_request_once BEFORE UPDATE ON join_request WHEN OLD.state <> 'waiting'
BEGIN SELECT RAISE(ABORT, 'a request is decided once'); END;

-- Whoever is the primary user hands that on first.
CREATE TRIGGER membership_primary_stays BEFORE DELETE ON membership WHEN OLD.is_primary = 1
BEGIN SELECT RAISE(ABORT, 'the primary user stays'); END;

ALTER TABLE user ADD COLUMN refused_reason TEXT NOT NULL DEFAULT ''; -- not let in, and why
CREATE INDEX user_refused ON user(id) WHERE refused_reason <> '';

-- How it was signed in; a fresh code stands for a forgotten password.
ALTER TABLE session ADD COLUMN by_password INTEGER NOT NULL DEFAULT 0
    CHECK (by_password IN (0, 1));

-- Tries of passwords, of any number: they are counted before they are judged.
CREATE TABLE password_try (
    id INTEGER PRIMARY KEY,
    mobile TEXT NOT NULL,
    address TEXT NOT NULL DEFAULT '',
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX password_try_mobile ON password_try(mobile, at_ms);
CREATE INDEX password_try_address ON password_try(address, at_ms);

-- A user on the way to another number: a code to the old one, then one to the new.
CREATE TABLE number_change (
    user_id INTEGER PRIMARY KEY REFERENCES user,
    session_id INTEGER NOT NULL,
    mobile TEXT NOT NULL CHECK (mobile GLOB '+[1-9]*' AND length(mobile) BETWEEN 9 AND 16),
    is_old_proven INTEGER NOT NULL DEFAULT 0 CHECK (is_old_proven IN (0, 1)),
    expires_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX audit_kind ON audit_entry(account_id, kind, id);

-- "INSERT OR REPLACE" is no way around the other two.
CREATE TRIGGER audit_entry_new BEFORE INSERT ON audit_entry
WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'audit entries are not replaced'); END;

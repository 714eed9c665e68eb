-- What the admin runs the installation with: settings within bounds, services whose secrets
-- are sealed, backups, and always an admin.

CREATE TABLE service_value (
    service TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT,  -- in the clear
    sealed BLOB, -- nonce and box; the key is not in this file
    changed_ms INTEGER NOT NULL,
    PRIMARY KEY (service, name),
    CHECK ((value IS NULL) <> (sealed IS NULL))
) STRICT, WITHOUT ROWID;

-- Work on backups, one after another.
CREATE TABLE backup_task (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('make', 'check', 'restore')),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 5 AND 60 AND name GLOB '[a-z0-9]*.tar'
        AND name NOT GLOB '*[^a-z0-9.-]*' AND instr(name, '..') = 0),
    state TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    error TEXT NOT NULL DEFAULT '',           -- key of a text
    is_one INTEGER NOT NULL DEFAULT 1 CHECK (is_one = 1),
    user_id INTEGER REFERENCES user,          -- NULL: the schedule
    address TEXT NOT NULL DEFAULT '',
    asked_ms INTEGER NOT NULL,
    done_ms INTEGER
) STRICT;
CREATE UNIQUE INDEX backup_task_open ON backup_task(is_one) WHERE state IN ('waiting', 'running');
CREATE INDEX backup_task_name ON backup_task(name, kind, id);
CREATE INDEX backup_task_user ON backup_task(user_id);

CREATE INDEX user_state ON user(state, id);
CREATE INDEX account_state ON account(state, id);
CREATE INDEX job_kind ON job(kind, id);

-- Somebody has to be able to let others in again.
CREATE TRIGGER user_admin_left BEFORE UPDATE OF state, is_admin ON user
WHEN OLD.is_admin = 1 AND OLD.state = 'active' AND (NEW.is_admin = 0 OR NEW.state <> 'active')
    AND NOT EXISTS (SELECT 1 FROM user WHERE is_admin = 1 AND state = 'active' AND id <> OLD.id)
BEGIN SELECT RAISE(ABORT, 'the last admin stays'); END;

-- The vendor role goes only these ways.
CREATE TRIGGER vendor_step BEFORE UPDATE OF state ON vendor
WHEN OLD.state <> NEW.state AND OLD.state || ' ' || NEW.state NOT IN ('asked approved',
    'asked declined', 'declined asked', 'approved suspended', 'suspended approved')
BEGIN SELECT RAISE(ABORT, 'the vendor role does not go this way'); END;

CREATE TRIGGER vendor_reason BEFORE UPDATE OF state ON vendor
WHEN NEW.state IN ('declined', 'suspended') AND trim(NEW.reason) = ''
BEGIN SELECT RAISE(ABORT, 'a reason is owed'); END;

-- Settings that are numbers; empty is the program's own value.
CREATE TRIGGER setting_made BEFORE INSERT ON setting
WHEN NEW.key IN ('accounts_per_user', 'codes_per_day', 'backup_keep', 'backup_hour')
    AND NEW.value <> '' AND (NEW.value GLOB '*[^0-9]*' OR length(NEW.value) > 7
        OR (NEW.key <> 'backup_hour' AND CAST(NEW.value AS INTEGER) < 1))
BEGIN SELECT RAISE(ABORT, 'a setting out of bounds'); END;
CREATE TRIGGER setting_changed BEFORE UPDATE ON setting
WHEN NEW.key IN ('accounts_per_user', 'codes_per_day', 'backup_keep', 'backup_hour')
    AND NEW.value <> '' AND (NEW.value GLOB '*[^0-9]*' OR length(NEW.value) > 7
        OR (NEW.key <> 'backup_hour' AND CAST(NEW.value AS INTEGER) < 1))
BEGIN SELECT RAISE(ABORT, 'a setting out of bounds'); END;

-- What catalogs show of the settings: kept pages are made anew.
CREATE TRIGGER setting_shown_made AFTER INSERT ON setting WHEN NEW.key IN ('name', 'languages')
BEGIN UPDATE vendor SET version = version + 1; END;
CREATE TRIGGER setting_shown AFTER UPDATE ON setting WHEN NEW.key IN ('name', 'languages')
BEGIN UPDATE vendor SET version = version + 1; END;

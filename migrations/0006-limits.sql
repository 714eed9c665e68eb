-- Limits: visitors by address, codes by browser, a press that came twice.

-- New visitors of an address are counted.
CREATE INDEX session_visitor ON session(address, created_ms) WHERE user_id IS NULL;

-- The browser that asked had signed in with the number before: strangers don't use up its
-- share of codes and tries.
ALTER TABLE otp ADD COLUMN is_known INTEGER NOT NULL DEFAULT 0 CHECK (is_known IN (0, 1));

-- The last press on a form that has no one-time key: the same one again at once is no second.
ALTER TABLE requirement ADD COLUMN pressed_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE requirement ADD COLUMN pressed_milli INTEGER NOT NULL DEFAULT 0;

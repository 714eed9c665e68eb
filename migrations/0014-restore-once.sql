-- The one-time key of the request that asked: a restore takes it along, so that a browser
-- which sends the request again doesn't restore again.
ALTER TABLE backup_task ADD COLUMN once_key TEXT;
ALTER TABLE backup_task ADD COLUMN once_digest BLOB;

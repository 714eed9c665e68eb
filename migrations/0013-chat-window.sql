-- When a number wrote last: within 24 hours it may be written to freely, after that only by a
-- template that the provider approved.
CREATE INDEX webhook_heard ON webhook_message(sender, source, sent_ms) WHERE sender <> '';

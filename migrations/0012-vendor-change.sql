-- What the admin vouches for of a vendor doesn't change under the admin: another name, State
-- or GST registration waits for a decision, and the shop sells under the old one meanwhile.
CREATE TABLE vendor_change (
    account_id INTEGER PRIMARY KEY REFERENCES vendor,
    user_id INTEGER NOT NULL REFERENCES user, -- who asked
    trade_name TEXT NOT NULL CHECK (length(trade_name) BETWEEN 1 AND 80),
    state_code TEXT NOT NULL CHECK (state_code GLOB '[0-9][0-9]'),
    gst_status TEXT NOT NULL CHECK (gst_status IN ('regular', 'composition', 'unregistered')),
    gstin TEXT,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'declined')),
    reason TEXT NOT NULL DEFAULT '', -- why declined
    asked_ms INTEGER NOT NULL,
    CHECK (gst_status = 'unregistered' OR gstin IS NOT NULL),
    CHECK (state = 'waiting' OR trim(reason) <> '')
) STRICT;
CREATE INDEX vendor_change_waiting ON vendor_change(asked_ms) WHERE state = 'waiting';

-- A catalog shows prices with the tax of the vendor's registration.
DROP TRIGGER version_vendor;
CREATE TRIGGER version_vendor AFTER UPDATE OF trade_name, about, address, state, stock_rule,
    handle, mobile, is_doorstep, doorstep_paise, state_code, gst_status ON vendor
BEGIN UPDATE vendor SET version = version + 1 WHERE account_id = NEW.account_id; END;

-- Whose taxes an accepted order was computed with: its bill says the same, whatever the
-- vendor became since.
ALTER TABLE orders ADD COLUMN seller_state_code TEXT CHECK (seller_state_code GLOB '[0-9][0-9]');
ALTER TABLE orders ADD COLUMN seller_gstin TEXT;
UPDATE orders SET
    seller_state_code = (SELECT state_code FROM vendor WHERE account_id = vendor_account_id),
    seller_gstin = (SELECT gstin FROM vendor WHERE account_id = vendor_account_id)
    WHERE accepted_ms IS NOT NULL;

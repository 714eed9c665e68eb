-- Orders, reservations, documents, and the cash register.

-- Which state follows which (ORD-5).
CREATE TABLE order_step (
    kind TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    PRIMARY KEY (kind, from_state, to_state)
) STRICT, WITHOUT ROWID;
INSERT INTO order_step(kind, from_state, to_state) VALUES
    ('online', 'ordered', 'accepted'),
    ('online', 'ordered', 'declined'),
    ('online', 'ordered', 'cancelled'),
    ('online', 'accepted', 'delivered'),
    ('online', 'accepted', 'cancelled');

-- Someone who owes or is owed: a customer in a vendor's books.
CREATE TABLE party (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES vendor,
    customer_account_id INTEGER REFERENCES account,
    name TEXT NOT NULL,
    mobile TEXT NOT NULL DEFAULT '',
    balance_paise INTEGER NOT NULL DEFAULT 0, -- what they owe; follows ledger_entry
    created_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX party_customer ON party(account_id, customer_account_id)
    WHERE customer_account_id IS NOT NULL;
CREATE INDEX party_balance ON party(account_id, balance_paise);

CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    number INTEGER NOT NULL, -- counted by vendor
    kind TEXT NOT NULL DEFAULT 'online' CHECK (kind IN ('online')),
    state TEXT NOT NULL DEFAULT 'ordered'
        CHECK (state IN ('ordered', 'accepted', 'delivered', 'declined', 'cancelled')),
    vendor_account_id INTEGER NOT NULL REFERENCES vendor,
    customer_account_id INTEGER NOT NULL REFERENCES account,
    customer_user_id INTEGER NOT NULL REFERENCES user,
    party_id INTEGER NOT NULL REFERENCES party,
    customer_name TEXT NOT NULL,
    mobile TEXT NOT NULL,
    fulfil TEXT NOT NULL CHECK (fulfil IN ('pickup', 'doorstep')),
    address TEXT NOT NULL DEFAULT '',
    buyer_state_code TEXT CHECK (buyer_state_code GLOB '[0-9][0-9]'),
    note TEXT NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    stock_rule TEXT NOT NULL CHECK (stock_rule IN ('any', 'available', 'reserve')),
    charge_paise INTEGER NOT NULL DEFAULT 0 CHECK (charge_paise >= 0),
    -- Totals of what was asked, and once accepted of what was accepted; ask-price lines
    -- count from accepting on.
    total_paise INTEGER NOT NULL CHECK (total_paise >= 0),
    is_priced INTEGER NOT NULL CHECK (is_priced IN (0, 1)), -- every line has its price
    is_partial INTEGER NOT NULL DEFAULT 0 CHECK (is_partial IN (0, 1)),
    gst_status TEXT NOT NULL -- of the vendor when the taxes were computed
        CHECK (gst_status IN ('regular', 'composition', 'unregistered')),
    paid_upi_paise INTEGER NOT NULL DEFAULT 0 CHECK (paid_upi_paise >= 0),
    refunded_paise INTEGER NOT NULL DEFAULT 0
        CHECK (refunded_paise BETWEEN 0 AND paid_upi_paise),
    upi_claimed_ms INTEGER, -- the customer says it is paid; the vendor has not confirmed
    reason TEXT NOT NULL DEFAULT '',
    code_nonce BLOB NOT NULL, -- the delivery code is made from it and the key file
    code_tries INTEGER NOT NULL DEFAULT 0 CHECK (code_tries BETWEEN 0 AND 5),
    placed_ms INTEGER NOT NULL,
    accepted_ms INTEGER,
    closed_ms INTEGER,
    UNIQUE (vendor_account_id, number)
) STRICT;
CREATE INDEX orders_vendor ON orders(vendor_account_id, state, id);
CREATE INDEX orders_vendor_all ON orders(vendor_account_id, id);
CREATE INDEX orders_customer ON orders(customer_account_id, id);
CREATE INDEX orders_customer_state ON orders(customer_account_id, state, id);
CREATE INDEX orders_party ON orders(party_id);
CREATE TRIGGER orders_steps BEFORE UPDATE OF state ON orders WHEN OLD.state <> NEW.state
    AND NOT EXISTS (SELECT 1 FROM order_step s WHERE s.kind = OLD.kind
                    AND s.from_state = OLD.state AND s.to_state = NEW.state)
BEGIN SELECT RAISE(ABORT, 'an order does not move that way'); END;
CREATE TRIGGER orders_born BEFORE INSERT ON orders WHEN NEW.state <> 'ordered'
BEGIN SELECT RAISE(ABORT, 'an online order begins as ordered'); END;
CREATE TRIGGER orders_kept BEFORE DELETE ON orders
BEGIN SELECT RAISE(ABORT, 'orders are not deleted'); END;

CREATE TABLE order_line (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders,
    listing_id INTEGER NOT NULL REFERENCES listing,
    sku_id INTEGER NOT NULL REFERENCES sku,
    name TEXT NOT NULL,    -- as they were when ordered
    variant TEXT NOT NULL, -- "Red, Large"
    unit TEXT NOT NULL,
    decimals INTEGER NOT NULL,
    hsn TEXT NOT NULL,
    gst_bp INTEGER NOT NULL,
    is_inclusive INTEGER NOT NULL,
    is_ask INTEGER NOT NULL CHECK (is_ask IN (0, 1)),
    price_paise INTEGER CHECK (price_paise >= 0), -- a unit, before discount
    discount_paise INTEGER NOT NULL DEFAULT 0 CHECK (discount_paise >= 0), -- a unit
    asked_milli INTEGER NOT NULL CHECK (asked_milli > 0),
    accepted_milli INTEGER CHECK (accepted_milli BETWEEN 0 AND asked_milli),
    delivered_milli INTEGER NOT NULL DEFAULT 0
        CHECK (delivered_milli BETWEEN 0 AND ifnull(accepted_milli, 0)),
    taxable_paise INTEGER, -- these five for what counts now: accepted, else asked
    cgst_paise INTEGER,
    sgst_paise INTEGER,
    igst_paise INTEGER,
    total_paise INTEGER CHECK (total_paise = taxable_paise + cgst_paise + sgst_paise + igst_paise),
    CHECK (is_ask = 1 OR price_paise IS NOT NULL),
    CHECK (discount_paise <= ifnull(price_paise, 0))
) STRICT;
CREATE INDEX order_line_order ON order_line(order_id, id);
CREATE INDEX order_line_sku ON order_line(sku_id);
CREATE INDEX order_line_listing ON order_line(listing_id);

-- Stock promised to an order line; gone when delivered or released.
CREATE TABLE reservation (
    order_line_id INTEGER PRIMARY KEY REFERENCES order_line,
    sku_id INTEGER NOT NULL REFERENCES sku,
    qty_milli INTEGER NOT NULL CHECK (qty_milli > 0)
) STRICT;
CREATE INDEX reservation_sku ON reservation(sku_id);
CREATE TRIGGER reservation_made AFTER INSERT ON reservation
BEGIN UPDATE sku SET reserved_milli = reserved_milli + NEW.qty_milli WHERE id = NEW.sku_id; END;
CREATE TRIGGER reservation_over AFTER DELETE ON reservation
BEGIN UPDATE sku SET reserved_milli = reserved_milli - OLD.qty_milli WHERE id = OLD.sku_id; END;
CREATE TRIGGER reservation_moved AFTER UPDATE ON reservation
BEGIN UPDATE sku SET reserved_milli = reserved_milli - OLD.qty_milli WHERE id = OLD.sku_id;
      UPDATE sku SET reserved_milli = reserved_milli + NEW.qty_milli WHERE id = NEW.sku_id; END;

CREATE TABLE order_event (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders,
    -- A state, or 'partial' (accepted in part), 'claimed', 'paid', 'denied', 'refunded',
    -- 'cash' (received on delivery), 'owed', 'wrong_code'.
    kind TEXT NOT NULL,
    user_id INTEGER REFERENCES user,
    by TEXT NOT NULL CHECK (by IN ('customer', 'vendor', 'system')),
    note TEXT NOT NULL DEFAULT '',
    at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX order_event_order ON order_event(order_id, id);
CREATE TRIGGER order_event_fixed BEFORE UPDATE ON order_event
BEGIN SELECT RAISE(ABORT, 'history is not changed'); END;
CREATE TRIGGER order_event_kept BEFORE DELETE ON order_event
BEGIN SELECT RAISE(ABORT, 'history is not deleted'); END;

-- Invoices: numbered without a gap by vendor, kind and financial year (Rule 46(b)).
CREATE TABLE document (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES vendor,
    order_id INTEGER NOT NULL REFERENCES orders,
    kind TEXT NOT NULL CHECK (kind IN ('tax_invoice', 'bill_of_supply', 'invoice')),
    year INTEGER NOT NULL, -- 2026: April 2026 to March 2027
    serial INTEGER NOT NULL CHECK (serial > 0),
    number TEXT NOT NULL CHECK (length(number) <= 16),
    body TEXT NOT NULL, -- JSON: all that it prints, as it was then
    issued_ms INTEGER NOT NULL,
    UNIQUE (account_id, kind, year, serial),
    UNIQUE (order_id, kind)
) STRICT;
CREATE INDEX document_account ON document(account_id, id);
CREATE TRIGGER document_fixed BEFORE UPDATE ON document
BEGIN SELECT RAISE(ABORT, 'documents are not changed'); END;
CREATE TRIGGER document_kept BEFORE DELETE ON document
BEGIN SELECT RAISE(ABORT, 'documents are not deleted'); END;

-- The journal of money owed: sale (+), payment (-), and what reverses them.
CREATE TABLE ledger_entry (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES vendor,
    party_id INTEGER NOT NULL REFERENCES party,
    order_id INTEGER REFERENCES orders,
    kind TEXT NOT NULL CHECK (kind IN ('sale', 'payment', 'reverse')),
    method TEXT NOT NULL DEFAULT '' CHECK (method IN ('', 'cash', 'upi')),
    paise INTEGER NOT NULL CHECK (paise <> 0),
    reference TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    reverses_id INTEGER UNIQUE REFERENCES ledger_entry,
    user_id INTEGER REFERENCES user,
    at_ms INTEGER NOT NULL,
    CHECK ((kind = 'reverse') = (reverses_id IS NOT NULL)),
    CHECK (kind <> 'sale' OR paise > 0),
    CHECK (kind <> 'payment' OR (paise < 0 AND method <> ''))
) STRICT;
CREATE INDEX ledger_party ON ledger_entry(party_id, id);
CREATE INDEX ledger_account ON ledger_entry(account_id, id);
CREATE INDEX ledger_at ON ledger_entry(account_id, at_ms);
CREATE INDEX ledger_order ON ledger_entry(order_id) WHERE order_id IS NOT NULL;
CREATE UNIQUE INDEX ledger_sale ON ledger_entry(order_id) WHERE kind = 'sale';
CREATE TRIGGER ledger_applied AFTER INSERT ON ledger_entry
BEGIN UPDATE party SET balance_paise = balance_paise + NEW.paise WHERE id = NEW.party_id; END;
CREATE TRIGGER ledger_fits BEFORE INSERT ON ledger_entry
    WHEN NOT EXISTS (SELECT 1 FROM party p WHERE p.id = NEW.party_id
                     AND p.account_id = NEW.account_id)
BEGIN SELECT RAISE(ABORT, 'an entry is of a party of the same account'); END;
CREATE TRIGGER ledger_fixed BEFORE UPDATE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'ledger entries are not changed'); END;
CREATE TRIGGER ledger_kept BEFORE DELETE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'ledger entries are not deleted'); END;

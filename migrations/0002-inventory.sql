-- Customizations of an account and its stock.

CREATE TABLE unit (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 30),
    folded TEXT NOT NULL, -- the name for comparing, text_fold()
    decimals INTEGER NOT NULL DEFAULT 0 CHECK (decimals BETWEEN 0 AND 3),
    UNIQUE (account_id, folded)
) STRICT;

-- Categories (parent_id NULL) and sub-categories under them.
CREATE TABLE category (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account,
    parent_id INTEGER REFERENCES category,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    folded TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX category_name ON category(account_id, ifnull(parent_id, 0), folded);
CREATE INDEX category_parent ON category(parent_id);
CREATE TRIGGER category_depth BEFORE INSERT ON category WHEN NEW.parent_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM category p WHERE p.id = NEW.parent_id
                    AND p.account_id = NEW.account_id AND p.parent_id IS NULL)
BEGIN SELECT RAISE(ABORT, 'a sub-category stands under a category of the account'); END;

-- Storage places in up to three levels.
CREATE TABLE place (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account,
    parent_id INTEGER REFERENCES place,
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    folded TEXT NOT NULL,
    CHECK ((level = 1) = (parent_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX place_name ON place(account_id, ifnull(parent_id, 0), folded);
CREATE INDEX place_parent ON place(parent_id);
CREATE TRIGGER place_depth BEFORE INSERT ON place WHEN NEW.parent_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM place p WHERE p.id = NEW.parent_id
                    AND p.account_id = NEW.account_id AND p.level = NEW.level - 1)
BEGIN SELECT RAISE(ABORT, 'a place stands one level under a place of the account'); END;

-- Up to three attributes an account, named by it, and their values.
CREATE TABLE attribute (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account,
    slot INTEGER NOT NULL CHECK (slot BETWEEN 1 AND 3),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    folded TEXT NOT NULL,
    UNIQUE (account_id, slot),
    UNIQUE (account_id, folded)
) STRICT;

CREATE TABLE attribute_value (
    id INTEGER PRIMARY KEY,
    attribute_id INTEGER NOT NULL REFERENCES attribute,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    folded TEXT NOT NULL,
    UNIQUE (attribute_id, folded)
) STRICT;

-- Own records of suppliers; vendor_account_id when the supplier is an account here.
CREATE TABLE supplier (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account,
    vendor_account_id INTEGER REFERENCES account,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    folded TEXT NOT NULL,
    mobile TEXT NOT NULL DEFAULT '',
    gstin TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    UNIQUE (account_id, folded)
) STRICT;
CREATE UNIQUE INDEX supplier_vendor ON supplier(account_id, vendor_account_id)
    WHERE vendor_account_id IS NOT NULL;

-- A SKU: what shares name, product ID, unit, attributes, category and sub-category. Its
-- balances follow stock_move and reservation by triggers.
CREATE TABLE sku (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    folded TEXT NOT NULL,
    code TEXT NOT NULL DEFAULT '' COLLATE NOCASE CHECK (length(code) <= 60), -- product ID
    unit_id INTEGER NOT NULL REFERENCES unit,
    value1_id INTEGER REFERENCES attribute_value,
    value2_id INTEGER REFERENCES attribute_value,
    value3_id INTEGER REFERENCES attribute_value,
    category_id INTEGER REFERENCES category,
    subcategory_id INTEGER REFERENCES category,
    low_milli INTEGER CHECK (low_milli >= 0),
    on_hand_milli INTEGER NOT NULL DEFAULT 0 CHECK (on_hand_milli >= 0),
    reserved_milli INTEGER NOT NULL DEFAULT 0
        CHECK (reserved_milli >= 0 AND reserved_milli <= on_hand_milli),
    created_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX sku_group ON sku(account_id, folded, code, unit_id, ifnull(value1_id, 0),
    ifnull(value2_id, 0), ifnull(value3_id, 0), ifnull(category_id, 0),
    ifnull(subcategory_id, 0));
CREATE INDEX sku_account ON sku(account_id, id);
CREATE INDEX sku_name ON sku(account_id, folded, id);
CREATE INDEX sku_low ON sku(account_id, id) WHERE low_milli IS NOT NULL;
CREATE INDEX sku_code ON sku(account_id, code) WHERE code <> '';
CREATE INDEX sku_unit ON sku(unit_id);
CREATE INDEX sku_category ON sku(category_id) WHERE category_id IS NOT NULL;
CREATE INDEX sku_subcategory ON sku(subcategory_id) WHERE subcategory_id IS NOT NULL;
CREATE INDEX sku_value1 ON sku(value1_id) WHERE value1_id IS NOT NULL;
CREATE INDEX sku_value2 ON sku(value2_id) WHERE value2_id IS NOT NULL;
CREATE INDEX sku_value3 ON sku(value3_id) WHERE value3_id IS NOT NULL;

-- One receipt of a SKU.
CREATE TABLE lot (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account,
    sku_id INTEGER NOT NULL REFERENCES sku,
    source TEXT NOT NULL CHECK (source IN ('hand', 'chat', 'order', 'return', 'csv')),
    order_line_id INTEGER, -- the line that delivered it
    supplier_id INTEGER REFERENCES supplier,
    place_id INTEGER REFERENCES place,
    cost_paise INTEGER CHECK (cost_paise >= 0), -- a unit
    expires_ms INTEGER,
    kept_values TEXT NOT NULL DEFAULT '', -- attribute values that found no free attribute
    note TEXT NOT NULL DEFAULT '',
    qty_milli INTEGER NOT NULL DEFAULT 0 CHECK (qty_milli >= 0),
    received_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX lot_sku ON lot(sku_id, id);
CREATE INDEX lot_account ON lot(account_id, id);
CREATE INDEX lot_place ON lot(place_id) WHERE place_id IS NOT NULL;
CREATE INDEX lot_supplier ON lot(supplier_id) WHERE supplier_id IS NOT NULL;
CREATE INDEX lot_expires ON lot(account_id, expires_ms)
    WHERE expires_ms IS NOT NULL AND qty_milli > 0;
CREATE INDEX lot_open ON lot(sku_id, ifnull(expires_ms, 9223372036854775807), id)
    WHERE qty_milli > 0; -- in the order of use
CREATE INDEX lot_order_line ON lot(order_line_id) WHERE order_line_id IS NOT NULL;

-- The journal of stock. A mistake is undone by a row that names what it reverses.
CREATE TABLE stock_move (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account,
    sku_id INTEGER NOT NULL REFERENCES sku,
    lot_id INTEGER NOT NULL REFERENCES lot,
    kind TEXT NOT NULL
        CHECK (kind IN ('receive', 'consume', 'expire', 'deliver', 'return', 'reverse', 'count',
                        'place')),
    qty_milli INTEGER NOT NULL CHECK (qty_milli <> 0),
    order_id INTEGER,
    group_id INTEGER NOT NULL, -- the id of the first row of the same action
    reverses_id INTEGER UNIQUE REFERENCES stock_move,
    note TEXT NOT NULL DEFAULT '',
    user_id INTEGER REFERENCES user,
    at_ms INTEGER NOT NULL,
    CHECK ((kind = 'reverse') = (reverses_id IS NOT NULL))
) STRICT;
CREATE INDEX stock_move_sku ON stock_move(sku_id, id);
CREATE INDEX stock_move_lot ON stock_move(lot_id);
CREATE INDEX stock_move_account ON stock_move(account_id, id);
CREATE INDEX stock_move_at ON stock_move(account_id, at_ms);
CREATE INDEX stock_move_group ON stock_move(group_id);
CREATE INDEX stock_move_order ON stock_move(order_id) WHERE order_id IS NOT NULL;

CREATE TRIGGER stock_move_applied AFTER INSERT ON stock_move
BEGIN
    UPDATE lot SET qty_milli = qty_milli + NEW.qty_milli WHERE id = NEW.lot_id;
    UPDATE sku SET on_hand_milli = on_hand_milli + NEW.qty_milli WHERE id = NEW.sku_id;
END;
CREATE TRIGGER stock_move_fits BEFORE INSERT ON stock_move
    WHEN NOT EXISTS (SELECT 1 FROM lot l WHERE l.id = NEW.lot_id AND l.sku_id = NEW.sku_id
                     AND l.account_id = NEW.account_id)
BEGIN SELECT RAISE(ABORT, 'a movement is of a lot of the same SKU and account'); END;
CREATE TRIGGER stock_move_fixed BEFORE UPDATE ON stock_move
BEGIN SELECT RAISE(ABORT, 'stock movements are not changed'); END;
CREATE TRIGGER stock_move_kept BEFORE DELETE ON stock_move
BEGIN SELECT RAISE(ABORT, 'stock movements are not deleted'); END;

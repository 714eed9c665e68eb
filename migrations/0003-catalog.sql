-- What vendors show and sell.

-- A catalog product: SKUs of a vendor that share name, product ID, category, sub-category.
CREATE TABLE product (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES vendor,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    folded TEXT NOT NULL,
    code TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
    category_id INTEGER REFERENCES category,
    subcategory_id INTEGER REFERENCES category,
    description TEXT NOT NULL DEFAULT '' CHECK (length(description) <= 2000),
    created_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX product_group ON product(account_id, folded, code,
    ifnull(category_id, 0), ifnull(subcategory_id, 0));
CREATE INDEX product_account ON product(account_id, id);
CREATE INDEX product_category ON product(category_id) WHERE category_id IS NOT NULL;
CREATE INDEX product_subcategory ON product(subcategory_id) WHERE subcategory_id IS NOT NULL;

-- A SKU put on sale. price_paise NULL: "ask price", named on accepting.
CREATE TABLE listing (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES vendor,
    product_id INTEGER NOT NULL REFERENCES product,
    sku_id INTEGER NOT NULL UNIQUE REFERENCES sku,
    is_on_sale INTEGER NOT NULL DEFAULT 1 CHECK (is_on_sale IN (0, 1)),
    price_paise INTEGER CHECK (price_paise BETWEEN 0 AND 1000000000),
    discount_paise INTEGER NOT NULL DEFAULT 0 CHECK (discount_paise >= 0),
    discount_bp INTEGER NOT NULL DEFAULT 0 CHECK (discount_bp BETWEEN 0 AND 10000), -- 1/100 %
    gst_bp INTEGER NOT NULL DEFAULT 0 CHECK (gst_bp BETWEEN 0 AND 4000),
    is_inclusive INTEGER NOT NULL DEFAULT 1 CHECK (is_inclusive IN (0, 1)),
    hsn TEXT NOT NULL DEFAULT '',
    created_ms INTEGER NOT NULL,
    CHECK (discount_paise = 0 OR discount_bp = 0),
    CHECK (discount_paise <= ifnull(price_paise, 0))
) STRICT;
CREATE INDEX listing_product ON listing(product_id);
CREATE INDEX listing_account ON listing(account_id, is_on_sale, product_id);
CREATE INDEX listing_all ON listing(account_id, id);

CREATE TABLE photo (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account,
    product_id INTEGER NOT NULL REFERENCES product,
    name TEXT NOT NULL UNIQUE, -- of the files: media/<name>.jpg and <name>-t.jpg
    width INTEGER NOT NULL CHECK (width > 0),
    height INTEGER NOT NULL CHECK (height > 0),
    thumb_width INTEGER NOT NULL,
    thumb_height INTEGER NOT NULL,
    position INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX photo_product ON photo(product_id, position, id);

-- The catalog's version moves with everything that its pages show.
CREATE TRIGGER version_listing_in AFTER INSERT ON listing
BEGIN UPDATE vendor SET version = version + 1 WHERE account_id = NEW.account_id; END;
CREATE TRIGGER version_listing_up AFTER UPDATE ON listing
BEGIN UPDATE vendor SET version = version + 1 WHERE account_id = NEW.account_id; END;
CREATE TRIGGER version_product_up AFTER UPDATE ON product
BEGIN UPDATE vendor SET version = version + 1 WHERE account_id = NEW.account_id; END;
CREATE TRIGGER version_photo_in AFTER INSERT ON photo
BEGIN UPDATE vendor SET version = version + 1 WHERE account_id = NEW.account_id; END;
CREATE TRIGGER version_photo_up AFTER UPDATE ON photo
BEGIN UPDATE vendor SET version = version + 1 WHERE account_id = NEW.account_id; END;
CREATE TRIGGER version_photo_out AFTER DELETE ON photo
BEGIN UPDATE vendor SET version = version + 1 WHERE account_id = OLD.account_id; END;
CREATE TRIGGER version_stock AFTER UPDATE OF on_hand_milli, reserved_milli ON sku
    WHEN EXISTS (SELECT 1 FROM listing WHERE sku_id = NEW.id AND is_on_sale = 1)
BEGIN UPDATE vendor SET version = version + 1 WHERE account_id = NEW.account_id; END;
CREATE TRIGGER version_sku AFTER UPDATE OF name, value1_id, value2_id, value3_id, unit_id ON sku
    WHEN EXISTS (SELECT 1 FROM listing WHERE sku_id = NEW.id AND is_on_sale = 1)
BEGIN UPDATE vendor SET version = version + 1 WHERE account_id = NEW.account_id; END;
CREATE TRIGGER version_unit AFTER UPDATE ON unit
BEGIN UPDATE vendor SET version = version + 1 WHERE account_id = NEW.account_id; END;
CREATE TRIGGER version_category AFTER UPDATE ON category
BEGIN UPDATE vendor SET version = version + 1 WHERE account_id = NEW.account_id; END;
CREATE TRIGGER version_value AFTER UPDATE ON attribute_value
BEGIN UPDATE vendor SET version = version + 1
      WHERE account_id = (SELECT account_id FROM attribute WHERE id = NEW.attribute_id); END;
CREATE TRIGGER version_attribute AFTER UPDATE ON attribute
BEGIN UPDATE vendor SET version = version + 1 WHERE account_id = NEW.account_id; END;
CREATE TRIGGER version_vendor AFTER UPDATE OF trade_name, about, address, state, stock_rule,
    handle, mobile, is_doorstep, doorstep_paise ON vendor
BEGIN UPDATE vendor SET version = version + 1 WHERE account_id = NEW.account_id; END;
CREATE TRIGGER version_account AFTER UPDATE OF state ON account
BEGIN UPDATE vendor SET version = version + 1 WHERE account_id = NEW.id; END;

-- Search over products on sale: whole words and beginnings of words first, then words that
-- are nearly alike (of the list of terms), then parts of words (trigrams). rowid =
-- product.id; texts are folded.
CREATE VIRTUAL TABLE product_words USING fts5(name, about, prefix = '2 3',
    tokenize = "unicode61 categories 'L* N* Co Mn Mc'");
CREATE VIRTUAL TABLE product_terms USING fts5vocab(product_words, row);
CREATE VIRTUAL TABLE product_trigrams USING fts5(name, tokenize = 'trigram');
CREATE VIRTUAL TABLE vendor_words USING fts5(name, about, prefix = '2 3',
    tokenize = "unicode61 categories 'L* N* Co Mn Mc'");
CREATE VIRTUAL TABLE vendor_terms USING fts5vocab(vendor_words, row);
CREATE VIRTUAL TABLE vendor_trigrams USING fts5(name, tokenize = 'trigram');

-- A line in the cart of an account, or of a visitor (session_id).
CREATE TABLE requirement (
    id INTEGER PRIMARY KEY,
    account_id INTEGER REFERENCES account,
    session_id INTEGER REFERENCES session ON DELETE CASCADE,
    user_id INTEGER REFERENCES user,
    listing_id INTEGER NOT NULL REFERENCES listing,
    qty_milli INTEGER NOT NULL CHECK (qty_milli > 0 AND qty_milli <= 1000000000),
    due_ms INTEGER,
    note TEXT NOT NULL DEFAULT '' CHECK (length(note) <= 300),
    created_ms INTEGER NOT NULL,
    CHECK ((account_id IS NULL) <> (session_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX requirement_account ON requirement(account_id, listing_id)
    WHERE account_id IS NOT NULL;
CREATE UNIQUE INDEX requirement_session ON requirement(session_id, listing_id)
    WHERE session_id IS NOT NULL;
CREATE INDEX requirement_listing ON requirement(listing_id);

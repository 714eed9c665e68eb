-- What a list shows of each row's lots, listing and photos is found in an index alone: the
-- first to expire, the price, the first photo.
CREATE INDEX lot_best ON lot(sku_id, expires_ms) WHERE qty_milli > 0 AND expires_ms IS NOT NULL;
CREATE INDEX listing_sku ON listing(sku_id, is_on_sale, price_paise);
DROP INDEX photo_product;
CREATE INDEX photo_product ON photo(product_id, position, id, name);

-- When the next lease ends is asked for again and again; few are out at a time.
CREATE INDEX job_leased ON job(leased_until_ms) WHERE state = 'leased';

-- A list of three or more in a CHECK is a table that is filled anew for each row written;
-- comparisons cost a tenth of that, and say the same. The way to change a CHECK is the one of
-- SQLite's manual (ALTER TABLE, 7).
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
    'source IN (''hand'', ''chat'', ''order'', ''return'', ''csv'')',
    'source = ''hand'' OR source = ''chat'' OR source = ''order'' OR source = ''return'' OR
        source = ''csv''')
WHERE type = 'table' AND name = 'lot';
UPDATE sqlite_schema SET sql = replace(sql,
    'kind IN (''receive'', ''consume'', ''expire'', ''deliver'', ''return'', ''reverse'', ''count'',
                        ''place'')',
    'kind = ''receive'' OR kind = ''consume'' OR kind = ''expire'' OR kind = ''deliver'' OR
        kind = ''return'' OR kind = ''reverse'' OR kind = ''count'' OR kind = ''place''')
WHERE type = 'table' AND name = 'stock_move';
UPDATE sqlite_schema SET sql = replace(sql,
    'state IN (''ordered'', ''accepted'', ''delivered'', ''declined'', ''cancelled'')',
    'state = ''ordered'' OR state = ''accepted'' OR state = ''delivered'' OR
        state = ''declined'' OR state = ''cancelled''')
WHERE type = 'table' AND name = 'orders';
UPDATE sqlite_schema SET sql = replace(sql,
    'stock_rule IN (''any'', ''available'', ''reserve'')',
    'stock_rule = ''any'' OR stock_rule = ''available'' OR stock_rule = ''reserve''')
WHERE type = 'table' AND name = 'orders';
UPDATE sqlite_schema SET sql = replace(sql,
    'gst_status IN (''regular'', ''composition'', ''unregistered'')',
    'gst_status = ''regular'' OR gst_status = ''composition'' OR
        gst_status = ''unregistered''')
WHERE type = 'table' AND name = 'orders';
UPDATE sqlite_schema SET sql = replace(sql,
    'by IN (''customer'', ''vendor'', ''system'')',
    'by = ''customer'' OR by = ''vendor'' OR by = ''system''')
WHERE type = 'table' AND name = 'order_event';
UPDATE sqlite_schema SET sql = replace(sql,
    'kind IN (''tax_invoice'', ''bill_of_supply'', ''invoice'')',
    'kind = ''tax_invoice'' OR kind = ''bill_of_supply'' OR kind = ''invoice''')
WHERE type = 'table' AND name = 'document';
UPDATE sqlite_schema SET sql = replace(sql,
    'kind IN (''sale'', ''payment'', ''reverse'')',
    'kind = ''sale'' OR kind = ''payment'' OR kind = ''reverse''')
WHERE type = 'table' AND name = 'ledger_entry';
UPDATE sqlite_schema SET sql = replace(sql,
    'method IN ('''', ''cash'', ''upi'')',
    'method = '''' OR method = ''cash'' OR method = ''upi''')
WHERE type = 'table' AND name = 'ledger_entry';
UPDATE sqlite_schema SET sql = replace(sql,
    'kind IN (''otp'', ''message'', ''webhook'', ''media'', ''remind'')',
    'kind = ''otp'' OR kind = ''message'' OR kind = ''webhook'' OR kind = ''media'' OR
        kind = ''remind''')
WHERE type = 'table' AND name = 'job';
UPDATE sqlite_schema SET sql = replace(sql,
    'state IN (''waiting'', ''leased'', ''done'', ''failed'', ''expired'')',
    'state = ''waiting'' OR state = ''leased'' OR state = ''done'' OR state = ''failed'' OR
        state = ''expired''')
WHERE type = 'table' AND name = 'job';
UPDATE sqlite_schema SET sql = replace(sql,
    'state IN (''waiting'', ''done'', ''ignored'', ''failed'')',
    'state = ''waiting'' OR state = ''done'' OR state = ''ignored'' OR state = ''failed''')
WHERE type = 'table' AND name = 'webhook_message';
PRAGMA writable_schema = RESET;

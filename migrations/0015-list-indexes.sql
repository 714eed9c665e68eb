-- What a list shows of each row's lots, listing and photos is found in an index alone: the
-- first to expire, the price, the first photo.
CREATE INDEX lot_best ON lot(sku_id, expires_ms) WHERE qty_milli > 0 AND expires_ms IS NOT NULL;
CREATE INDEX listing_sku ON listing(sku_id, is_on_sale, price_paise);
DROP INDEX photo_product;
CREATE INDEX photo_product ON photo(product_id, position, id, name);

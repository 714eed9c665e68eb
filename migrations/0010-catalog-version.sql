-- The catalog shows of the stock only whether there is some, and how much when little is left.
-- So its version moves with the stock where that changes, and not with each order.
DROP TRIGGER version_stock;
CREATE TRIGGER version_stock AFTER UPDATE OF on_hand_milli, reserved_milli, low_milli ON sku
    WHEN (NEW.on_hand_milli - NEW.reserved_milli <= ifnull(NEW.low_milli, 5000)
        OR OLD.on_hand_milli - OLD.reserved_milli <= ifnull(OLD.low_milli, 5000))
    AND EXISTS (SELECT 1 FROM listing WHERE sku_id = NEW.id AND is_on_sale = 1)
BEGIN UPDATE vendor SET version = version + 1 WHERE account_id = NEW.account_id; END;

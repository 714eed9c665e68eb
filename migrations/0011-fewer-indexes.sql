-- Indexes that no statement walks: orders of a party are found by the customer's account, lines
-- by their order or SKU, and entries of the log by account and id. Parties and listings are
-- never deleted, so the foreign keys don't need them either. An order is as quick as the
-- indexes that it has to enter.
DROP INDEX orders_party;
DROP INDEX order_line_listing;
DROP INDEX audit_kind;

/* A line of the cart is a listing and a quantity, nothing else: name, price and what is
 * there are read with it each time. One statement reads a whole cart. */
#include "requirement.h"

#include "db/base/clock.h"
#include "db/base/text.h"
#include "db/unit.h"
#include "listing_internal.h"

enum { NOTE_MAX = 300 };

static bool is_visitor(const struct cart_owner *o)
{
    return o->account_id == 0;
}

static int64_t owner_id(const struct cart_owner *o)
{
    return is_visitor(o) ? o->session_id : o->account_id;
}

/* Chooses the statement for the owner's kind; ?1 is its id in both. */
#define OWNED(owner, before, after)                                                      \
    (is_visitor(owner) ? before "session_id = ?1" after : before "account_id = ?1" after)

/* --- changing --- */

enum db_rc qty_fit_check(struct db *db, int status, const char *field, int64_t qty_milli,
                         const json_t *row)
{
    int64_t decimals = row_int(row, "decimals");

    if (unit_fits(qty_milli, decimals))
        return DB_OK;
    return db_refuse(db, status, field,
                     decimals ? "refusal.qty_decimals" : "refusal.qty_whole",
                     json_pack("{s:I, s:s}", "n", (json_int_t)decimals, "unit",
                               row_text(row, "unit")));
}

static enum db_rc qty_check(struct db *db, const char *field, int64_t qty_milli,
                            const json_t *listing)
{
    if (qty_milli <= 0)
        return db_refuse(db, 422, field, "refusal.qty_none", NULL);
    if (qty_milli > QTY_MAX)
        return db_refuse(db, 422, field, "refusal.qty_much", NULL);
    return qty_fit_check(db, 422, field, qty_milli, listing);
}

/* What is cut off would be a surprise; the field's own limit comes first. */
static const char *note_of(struct arena *a, const char *note)
{
    return note ? arena_dupn(a, note, text_cut(note, NOTE_MAX)) : NULL;
}

static enum db_rc listing_open(struct db *db, int64_t listing_id, json_t **row)
{
    enum db_rc rc;

    rc = db_row(
        db,
        "SELECT l.account_id AS account_id, u.decimals AS decimals, u.name AS unit"
        " FROM listing l"
        " JOIN vendor n ON n.account_id = l.account_id AND " VENDOR_OPEN_SQL
        " JOIN sku s ON s.id = l.sku_id JOIN unit u ON u.id = s.unit_id"
        " WHERE l.id = ?1 AND l.is_on_sale = 1",
        DB_ARGS(DB_INT(listing_id)), row);
    return rc == DB_NONE ? db_refuse(db, 404, NULL, "refusal.off_sale", NULL) : rc;
}

static enum db_rc line_add(struct db *db, const struct cart_owner *o, int64_t listing_id,
                           int64_t qty_milli, int64_t due_ms, const char *note,
                           int64_t *id)
{
    int64_t count = db_number(db, OWNED(o, "SELECT count(*) FROM requirement WHERE ", ""),
                              DB_ARGS(DB_INT(owner_id(o))));

    if (count >= REQUIREMENT_MAX)
        return db_refuse(db, 409, NULL, "refusal.cart_full",
                         json_pack("{s:i}", "max", REQUIREMENT_MAX));
    return db_insert(
        db,
        "INSERT INTO requirement(account_id, session_id, user_id, listing_id,"
        " qty_milli, due_ms, note, created_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        DB_ARGS(DB_REF(o->account_id), DB_REF(is_visitor(o) ? o->session_id : 0),
                DB_REF(o->user_id), DB_INT(listing_id), DB_INT(qty_milli), DB_REF(due_ms),
                DB_TEXT(note ? note : ""), DB_INT(clock_ms())),
        id);
}

static enum db_rc line_more(struct db *db, const json_t *line, int64_t qty_milli,
                            int64_t due_ms, const char *note)
{
    return db_exec(db,
                   "UPDATE requirement SET qty_milli = ?2, due_ms = coalesce(?3, due_ms),"
                   " note = coalesce(?4, note) WHERE id = ?1",
                   DB_ARGS(DB_INT(row_int(line, "id")), DB_INT(qty_milli), DB_REF(due_ms),
                           DB_TEXT(note)));
}

static enum db_rc line_find(struct db *db, const struct cart_owner *o, int64_t listing_id,
                            json_t **line)
{
    return db_row(db,
                  OWNED(o, "SELECT id, qty_milli, pressed_ms, pressed_milli FROM requirement"
                           " WHERE ",
                        " AND listing_id = ?2"),
                  DB_ARGS(DB_INT(owner_id(o)), DB_INT(listing_id)), line);
}

enum db_rc requirement_press(struct db *db, const struct cart_owner *owner,
                             int64_t listing_id, int64_t qty_milli, int64_t *id)
{
    int64_t now = clock_ms();
    json_t *line;
    enum db_rc rc;

    db_begin(db);
    rc = line_find(db, owner, listing_id, &line);
    if (rc == DB_OK && row_int(line, "pressed_milli") == qty_milli &&
        now - row_int(line, "pressed_ms") < PRESS_MS && now >= row_int(line, "pressed_ms")) {
        *id = row_int(line, "id");
        return db_end(db, DB_OK);
    }
    if (rc != DB_ERR)
        rc = requirement_add(db, owner, listing_id, qty_milli, 0, NULL, id);
    if (rc == DB_OK)
        rc = db_exec(db,
                     "UPDATE requirement SET pressed_ms = ?2, pressed_milli = ?3"
                     " WHERE id = ?1",
                     DB_ARGS(DB_INT(*id), DB_INT(now), DB_INT(qty_milli)));
    return db_end(db, rc);
}

enum db_rc requirement_add(struct db *db, const struct cart_owner *owner,
                           int64_t listing_id, int64_t qty_milli, int64_t due_ms,
                           const char *note, int64_t *id)
{
    const char *words = note_of(db_arena(db), note);
    json_t *listing, *line;
    int64_t line_id = 0;
    enum db_rc rc;

    db_begin(db);
    rc = listing_open(db, listing_id, &listing);
    if (rc == DB_OK && row_int(listing, "account_id") == owner->account_id)
        rc = db_refuse(db, 409, NULL, "refusal.own_goods", NULL);
    if (rc == DB_OK)
        rc = qty_check(db, "qty", qty_milli, listing);
    if (rc != DB_OK)
        return db_end(db, rc);
    rc = line_find(db, owner, listing_id, &line);
    if (rc == DB_NONE) {
        rc = line_add(db, owner, listing_id, qty_milli, due_ms, words, &line_id);
    } else if (rc == DB_OK) {
        line_id = row_int(line, "id");
        qty_milli += row_int(line, "qty_milli");
        rc = qty_check(db, "qty", qty_milli, listing);
        if (rc == DB_OK)
            rc = line_more(db, line, qty_milli, due_ms, words);
    }
    if (id)
        *id = line_id;
    db_made(db, line_id);
    return db_end(db, rc);
}

static enum db_rc line_unit(struct db *db, const struct cart_owner *owner, int64_t id,
                            json_t **unit)
{
    return db_row(db,
                  OWNED(owner,
                        "SELECT u.decimals AS decimals, u.name AS unit FROM requirement r"
                        " JOIN listing l ON l.id = r.listing_id JOIN sku s ON s.id = l.sku_id"
                        " JOIN unit u ON u.id = s.unit_id WHERE r.",
                        " AND r.id = ?2"),
                  DB_ARGS(DB_INT(owner_id(owner)), DB_INT(id)), unit);
}

enum db_rc requirement_set(struct db *db, const struct cart_owner *owner, int64_t id,
                           int64_t qty_milli, int64_t due_ms, const char *note)
{
    json_t *unit;
    enum db_rc rc;

    db_begin(db);
    rc = line_unit(db, owner, id, &unit);
    if (rc == DB_OK)
        rc = qty_check(db, "qty", qty_milli, unit);
    if (rc == DB_OK)
        rc = db_exec(db,
                     "UPDATE requirement SET qty_milli = ?2, due_ms = ?3,"
                     " note = coalesce(?4, note) WHERE id = ?1",
                     DB_ARGS(DB_INT(id), DB_INT(qty_milli), DB_REF(due_ms),
                             DB_TEXT(note_of(db_arena(db), note))));
    return db_end(db, rc);
}

enum db_rc requirement_quantities(struct db *db, const struct cart_owner *owner,
                                  const struct requirement_qty *lines, size_t count)
{
    enum db_rc rc = DB_OK;
    json_t *unit;

    db_begin(db);
    for (size_t i = 0; i < count && rc == DB_OK; i++) {
        rc = line_unit(db, owner, lines[i].id, &unit);
        if (rc == DB_NONE) {
            rc = DB_OK;
            continue;
        }
        if (rc == DB_OK)
            rc = qty_check(db,
                           arena_printf(db_arena(db), "qty[%lld]", (long long)lines[i].id),
                           lines[i].qty_milli, unit);
        if (rc == DB_OK)
            rc = db_exec(db, "UPDATE requirement SET qty_milli = ?2 WHERE id = ?1",
                         DB_ARGS(DB_INT(lines[i].id), DB_INT(lines[i].qty_milli)));
    }
    return db_end(db, rc);
}

enum db_rc requirement_remove(struct db *db, const struct cart_owner *owner, int64_t id)
{
    enum db_rc rc;

    db_begin(db);
    rc = db_exec(db, OWNED(owner, "DELETE FROM requirement WHERE ", " AND id = ?2"),
                 DB_ARGS(DB_INT(owner_id(owner)), DB_INT(id)));
    return db_end(db, rc);
}

enum db_rc requirement_count(struct db *db, const struct cart_owner *owner,
                             int64_t *count)
{
    return db_int(db, OWNED(owner, "SELECT count(*) FROM requirement WHERE ", ""),
                  DB_ARGS(DB_INT(owner_id(owner))), count);
}

/* --- reading --- */

static const char *problem_of(const json_t *row, const struct cart_owner *owner)
{
    bool any = strcmp(row_text(row, "stock_rule"), "any") == 0;
    int64_t left = row_int(row, "available_milli");

    if (!row_true(row, "is_open"))
        return "vendor_off";
    if (row_int(row, "account_id") == owner->account_id)
        return "own";
    if (!row_true(row, "is_on_sale"))
        return "off_sale";
    if (any || left >= row_int(row, "qty_milli"))
        return NULL;
    return left <= 0 ? "gone" : "short";
}

static void row_finish(json_t *row, const struct cart_owner *owner)
{
    const char *problem = problem_of(row, owner);
    bool any = strcmp(row_text(row, "stock_rule"), "any") == 0;

    json_object_set_new(row, "problem", problem ? json_string(problem) : json_null());
    json_object_set(row, "left_milli",
                    any ? json_null() : json_object_get(row, "available_milli"));
}

/* What only a page shows of a line. */
#define SHOWN_SQL                                                                        \
    "p.id AS product_id, " PHOTO_SQL("name") " AS photo_name, r.due_ms AS due_ms,"       \
    " r.note AS note, n.handle AS handle, n.upi AS upi, "

#define CART_SQL(shown)                                                                  \
    "SELECT " shown "r.id AS id, r.listing_id AS listing_id, p.name AS name, "           \
    VARIANT_SQL " AS variant, u.name AS unit, u.decimals AS decimals,"                   \
    " r.qty_milli AS qty_milli, l.sku_id AS sku_id, l.price_paise IS NULL AS is_ask,"    \
    " l.price_paise AS price_paise, l.discount_paise AS discount_paise,"                 \
    " l.discount_bp AS discount_bp, l.gst_bp AS gst_bp, l.is_inclusive AS is_inclusive," \
    " l.hsn AS hsn, l.is_on_sale AS is_on_sale,"                                         \
    " s.on_hand_milli - s.reserved_milli AS available_milli, n.account_id AS account_id," \
    " n.trade_name AS trade_name, n.state_code AS state_code, n.is_doorstep AS is_doorstep," \
    " n.doorstep_paise AS doorstep_paise, n.gst_status AS gst_status,"                   \
    " n.stock_rule AS stock_rule, " VENDOR_OPEN_SQL " AS is_open"                        \
    " FROM requirement r JOIN listing l ON l.id = r.listing_id"                          \
    " JOIN product p ON p.id = l.product_id JOIN sku s ON s.id = l.sku_id"               \
    " JOIN unit u ON u.id = s.unit_id JOIN vendor n ON n.account_id = l.account_id"      \
    VARIANT_JOINS " WHERE r."

static enum db_rc rows_finish(enum db_rc rc, json_t *rows, const struct cart_owner *owner)
{
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row) row_finish(row, owner);
    return rc;
}

enum db_rc requirement_rows(struct db *db, const struct cart_owner *owner,
                            int64_t vendor_account_id, json_t **rows)
{
    enum db_rc rc;

    rc = db_rows(db,
                 OWNED(owner, CART_SQL(""), " AND +n.account_id = ?2 ORDER BY r.id"),
                 DB_ARGS(DB_INT(owner_id(owner)), DB_INT(vendor_account_id)), rows);
    return rows_finish(rc, *rows, owner);
}

enum db_rc requirement_short(struct db *db, const struct cart_owner *owner, int64_t id,
                             json_t **line)
{
    const char *problem;
    enum db_rc rc = db_row(db, OWNED(owner, CART_SQL(""), " AND r.id = ?2"),
                           DB_ARGS(DB_INT(owner_id(owner)), DB_INT(id)), line);

    if (rc != DB_OK)
        return rc;
    row_finish(*line, owner);
    problem = row_text(*line, "problem");
    return strcmp(problem, "short") == 0 || strcmp(problem, "gone") == 0 ? DB_OK : DB_NONE;
}

static enum db_rc shown_rows(struct db *db, const struct cart_owner *owner,
                             int64_t vendor_account_id, json_t **rows)
{
    enum db_rc rc;

    rc = db_rows(db,
                 OWNED(owner, CART_SQL(SHOWN_SQL),
                       " AND (?2 = 0 OR n.account_id = ?2)"
                       " ORDER BY n.trade_name, n.account_id, r.id"),
                 DB_ARGS(DB_INT(owner_id(owner)), DB_INT(vendor_account_id)), rows);
    return rows_finish(rc, *rows, owner);
}

bool requirement_amounts(const json_t *row, const char *buyer_state, struct amounts *out)
{
    struct price p = row_price(row);
    enum price_tax tax = price_tax_for(row_text(row, "gst_status"),
                                       row_text(row, "state_code"), buyer_state);

    *out = (struct amounts) { 0 };
    return !row_is_null(row, "price_paise") &&
           price_line(&p, row_int(row, "qty_milli"), tax, out);
}

static json_t *line_of(const json_t *row, const char *buyer_state, int64_t *paise)
{
    static const char *const keys[] = { "id",         "listing_id", "product_id",
                                        "name",       "variant",    "unit",
                                        "decimals",   "photo_name", "qty_milli",
                                        "due_ms",     "note",       "is_ask",
                                        "left_milli", "problem" };
    json_t *line = json_object(), *one = json_copy((json_t *)row);
    struct amounts all, each;
    bool priced = requirement_amounts(row, buyer_state, &all);

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        json_object_set(line, keys[i], json_object_get(row, keys[i]));
    json_object_set_new(one, "qty_milli", json_integer(1000));
    requirement_amounts(one, buyer_state, &each);
    json_object_set_new(line, "each_paise",
                        priced ? json_integer(each.total_paise) : json_null());
    json_object_set_new(line, "total_paise",
                        priced ? json_integer(all.total_paise) : json_null());
    *paise = all.total_paise;
    return line;
}

static json_t *vendor_of(const json_t *row)
{
    static const char *const keys[] = { "account_id",    "handle", "trade_name",
                                        "state_code",    "upi",    "is_doorstep",
                                        "doorstep_paise" };
    json_t *vendor = json_pack("{s:i, s:b, s:b, s:i, s:[]}", "goods_paise", 0,
                               "is_priced", 1, "can_order", 1, "count", 0, "lines");

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        json_object_set(vendor, keys[i], json_object_get(row, keys[i]));
    return vendor;
}

static void vendor_add(json_t *vendor, const json_t *row, const char *buyer_state)
{
    int64_t paise;
    json_t *line = line_of(row, buyer_state, &paise);

    json_array_append(json_object_get(vendor, "lines"), line);
    json_object_set_new(vendor, "goods_paise",
                        json_integer(row_int(vendor, "goods_paise") + paise));
    json_object_set_new(vendor, "count", json_integer(row_int(vendor, "count") + 1));
    if (row_is_null(line, "total_paise"))
        json_object_set_new(vendor, "is_priced", json_false());
    if (!row_is_null(line, "problem"))
        json_object_set_new(vendor, "can_order", json_false());
}

enum db_rc requirement_list(struct db *db, const struct cart_owner *owner,
                            int64_t vendor_account_id, const char *buyer_state,
                            json_t **vendors)
{
    json_t *rows, *row, *vendor = NULL;
    enum db_rc rc = shown_rows(db, owner, vendor_account_id, &rows);
    size_t i;

    *vendors = json_array();
    json_array_foreach(rows, i, row)
    {
        if (!vendor || row_int(vendor, "account_id") != row_int(row, "account_id")) {
            vendor = vendor_of(row);
            json_array_append(*vendors, vendor);
        }
        vendor_add(vendor, row, buyer_state);
    }
    return rc;
}

enum db_rc requirement_vendors(struct db *db, int64_t account_id, json_t **vendors)
{
    enum db_rc rc = db_rows(
        db,
        "SELECT n.account_id, n.trade_name, 1 AS can_order"
        " FROM requirement r JOIN listing l ON l.id = r.listing_id"
        " JOIN vendor n ON n.account_id = l.account_id"
        " WHERE r.account_id = ?1 ORDER BY n.trade_name, n.account_id",
        DB_ARGS(DB_INT(account_id)), vendors);

    for (size_t i = json_array_size(*vendors); i-- > 1;)
        if (row_int(json_array_get(*vendors, i), "account_id") ==
            row_int(json_array_get(*vendors, i - 1), "account_id"))
            json_array_remove(*vendors, i);
    return rc;
}

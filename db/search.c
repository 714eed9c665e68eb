/* Three passes, each only as long as too little was found: whole words and beginnings of
 * words; then terms of the index that are nearly the typed word (one letter wrong in
 * short words, two in long ones; neighbours swapped count one); then parts of words
 * (trigrams). Every word of a stranger goes into a query quoted. */
#include "search.h"

#include "db/base/buf.h"
#include "db/base/text.h"
#include "listing_internal.h"

enum {
    WORDS_MAX = 8,
    WORD_CHARS = 32,
    TERMS_MAX = 4000,
    ALIKE_MAX = 12,
    QUERY_MAX = 8192
};

struct words {
    const char *word[WORDS_MAX];
    int count;
};

/* The tables and the statements of one kind of thing. */
struct index {
    const char *by_words, *by_trigrams, *terms;
};

#define FOUND(table, join)                                                               \
    "SELECT w.rowid AS id FROM " table " w" join " WHERE " table " MATCH ?1"             \
    " ORDER BY bm25(" table ", 10.0, 1.0), w.rowid DESC LIMIT ?2"
#define TERMS(table)                                                                     \
    "SELECT term FROM " table " WHERE term >= ?1 AND term < ?2"                          \
    " AND length(term) BETWEEN ?3 AND ?4 LIMIT 4000"
#define OPEN_PRODUCT                                                                     \
    " JOIN product p ON p.id = w.rowid JOIN vendor n ON n.account_id = p.account_id"     \
    " AND " VENDOR_OPEN_SQL
#define OPEN_VENDOR " JOIN vendor n ON n.account_id = w.rowid AND " VENDOR_OPEN_SQL

static const struct index products = {
    .by_words = FOUND("product_words", OPEN_PRODUCT),
    .by_trigrams = FOUND("product_trigrams", OPEN_PRODUCT),
    .terms = TERMS("product_terms"),
};

static const struct index vendors = {
    .by_words = FOUND("vendor_words", OPEN_VENDOR),
    .by_trigrams = FOUND("vendor_trigrams", OPEN_VENDOR),
    .terms = TERMS("vendor_terms"),
};

/* --- words --- */

static bool is_letter(char c)
{
    return (unsigned char)c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

static struct words words_of(struct arena *a, const char *q)
{
    const char *s = text_fold(a, arena_dupn(a, q, text_cut(q, SEARCH_MAX_CHARS)));
    struct words w = { .count = 0 };

    while (*s && w.count < WORDS_MAX) {
        size_t n = 0;

        while (*s && !is_letter(*s))
            s++;
        while (is_letter(s[n]))
            n++;
        if (n > 0) {
            const char *word = arena_dupn(a, s, n);

            w.word[w.count++] = arena_dupn(a, word, text_cut(word, WORD_CHARS));
        }
        s += n;
    }
    return w;
}

/* --- nearly the same --- */

static int code_points(const char *s, uint32_t *out, int max)
{
    int n = 0;

    while (*s && n < max) {
        unsigned char c = (unsigned char)*s++;
        uint32_t point = c < 0x80   ? c
                         : c < 0xe0 ? c & 0x1fU
                         : c < 0xf0 ? c & 0x0fU
                                    : c & 7U;

        while (((unsigned char)*s & 0xc0) == 0x80)
            point = point << 6 | ((unsigned char)*s++ & 0x3fU);
        out[n++] = point;
    }
    return n;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Letters to insert, drop, change or swap with their neighbour to get from one to the
 * other. */
static int word_distance(const char *one, const char *other)
{
    uint32_t a[WORD_CHARS], b[WORD_CHARS];
    int d[WORD_CHARS + 1][WORD_CHARS + 1];
    int n = code_points(one, a, WORD_CHARS), m = code_points(other, b, WORD_CHARS);

    for (int i = 0; i <= n; i++) {
        for (int k = 0; k <= m; k++) {
            if (i == 0 || k == 0) {
                d[i][k] = i + k;
                continue;
            }
            d[i][k] = least(least(d[i - 1][k], d[i][k - 1]) + 1,
                            d[i - 1][k - 1] + (a[i - 1] != b[k - 1]));
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                d[i][k] = least(d[i][k], d[i - 2][k - 2] + 1);
        }
    }
    return d[n][m];
}

/* Appends the terms that begin with `start` and are nearly `word`; `*count` of them. */
static void terms_alike(struct db *db, const struct index *index, const char *word,
                        const char *start, struct buf *out, int *count)
{
    int chars = (int)text_chars(word), reach = chars < 6 ? 1 : 2;
    json_t *rows, *row;
    size_t i;

    if (db_rows(db, index->terms,
                DB_ARGS(DB_TEXT(start),
                        DB_TEXT(arena_printf(db_arena(db), "%s\xf4", start)),
                        DB_INT(chars - reach), DB_INT(chars + reach)),
                &rows) != DB_OK)
        return;
    json_array_foreach(rows, i, row)
    {
        const char *term = row_text(row, "term");

        if (*count >= ALIKE_MAX || word_distance(word, term) > reach)
            continue;
        buf_printf(out, "%s\"%s\"", *count > 0 ? " OR " : "", term);
        ++*count;
    }
}

/* A letter at the front is rarely wrong; where it is, often the second one was typed
 * first. */
static bool word_alike(struct db *db, const struct index *index, const char *word,
                       struct buf *out)
{
    struct arena *a = db_arena(db);
    size_t one = text_cut(word, 1), two = text_cut(word, 2);
    int count = 0;

    terms_alike(db, index, word, arena_dupn(a, word, one), out, &count);
    if (two - one > 0 && (two - one != one || strncmp(word, word + one, one) != 0))
        terms_alike(db, index, word, arena_dupn(a, word + one, two - one), out, &count);
    return count > 0;
}

/* --- queries --- */

enum pass { PASS_WORDS, PASS_ALIKE, PASS_PARTS, PASSES };

/* The FTS5 expression of a pass; NULL when there is nothing to look for. */
static const char *match_of(struct db *db, const struct index *index,
                            const struct words *w, enum pass pass)
{
    struct buf b = buf_new(db_arena(db), 256, QUERY_MAX);

    for (int i = 0; i < w->count; i++) {
        if (pass == PASS_PARTS && text_chars(w->word[i]) < 3)
            return NULL;
        buf_puts(&b, i > 0 ? " AND (" : "(");
        if (pass == PASS_ALIKE) {
            if (text_chars(w->word[i]) < 3 || !word_alike(db, index, w->word[i], &b))
                buf_printf(&b, "\"%s\"*", w->word[i]);
        } else {
            buf_printf(&b, "\"%s\"%s", w->word[i], pass == PASS_WORDS ? "*" : "");
        }
        buf_puts(&b, ")");
    }
    return b.full || w->count == 0 ? NULL : buf_str(&b);
}

static bool has_id(const json_t *ids, int64_t id)
{
    const json_t *known;
    size_t i;

    json_array_foreach(ids, i, known) if (json_integer_value(known) == id) return true;
    return false;
}

/* The ids found, best first. Whoever finds the words they typed made no typing error. */
static enum db_rc search_ids(struct db *db, const struct index *index, const char *q,
                             int limit, json_t **ids)
{
    struct words w = words_of(db_arena(db), q);
    json_t *rows, *row;
    size_t i;

    *ids = json_array();
    for (enum pass pass = 0; pass < PASSES; pass++) {
        size_t found = json_array_size(*ids);
        const char *match;
        enum db_rc rc;

        if (found >= (size_t)limit || (pass == PASS_ALIKE && found > 0))
            continue;
        match = match_of(db, index, &w, pass);
        if (!match)
            continue;
        rc = db_rows(db, pass == PASS_PARTS ? index->by_trigrams : index->by_words,
                     DB_ARGS(DB_TEXT(match), DB_INT(limit)), &rows);
        if (rc != DB_OK)
            return rc;
        json_array_foreach(rows, i, row) if (json_array_size(*ids) < (size_t)limit &&
                                             !has_id(*ids, row_int(row, "id")))
            json_array_append(*ids, json_object_get(row, "id"));
    }
    return DB_OK;
}

enum db_rc search_products(struct db *db, const char *q, int limit, struct goods *goods)
{
    json_t *ids;
    enum db_rc rc = search_ids(db, &products, q, limit, &ids);

    return rc == DB_OK ? catalog_rows(db, ids, goods) : rc;
}

/* --- vendors --- */

#define VENDOR_COLUMNS                                                                   \
    "SELECT n.account_id AS account_id, n.handle AS handle, n.trade_name AS trade_name," \
    " n.about AS about, n.address AS address, (SELECT count(DISTINCT l.product_id)"      \
    " FROM listing l WHERE l.account_id = n.account_id AND l.is_on_sale = 1)"            \
    " AS product_count, (SELECT f.name FROM listing l"                                   \
    " JOIN photo f ON f.product_id = l.product_id WHERE l.account_id = n.account_id"     \
    " AND l.is_on_sale = 1 ORDER BY l.product_id DESC, f.position, f.id LIMIT 1)"        \
    " AS photo_name"

enum db_rc search_vendors(struct db *db, const char *q, int limit, json_t **rows)
{
    json_t *ids;
    enum db_rc rc = search_ids(db, &vendors, q, limit, &ids);

    *rows = json_array();
    if (rc != DB_OK)
        return rc;
    return db_rows(db,
                   VENDOR_COLUMNS " FROM json_each(?1) j JOIN vendor n"
                                  " ON n.account_id = j.value AND " VENDOR_OPEN_SQL
                                  " ORDER BY j.key",
                   DB_ARGS(DB_TEXT(json_dumps(ids, JSON_COMPACT))), rows);
}

enum db_rc search_home(struct db *db, int64_t before_id, int limit, json_t **rows)
{
    return db_rows(db,
                   VENDOR_COLUMNS
                   " FROM vendor n WHERE " VENDOR_OPEN_SQL
                   " AND n.account_id < ?1 AND EXISTS (SELECT 1 FROM listing l"
                   " WHERE l.account_id = n.account_id AND l.is_on_sale = 1)"
                   " ORDER BY n.account_id DESC LIMIT ?2",
                   DB_ARGS(DB_INT(page_before(before_id)), DB_INT(limit)), rows);
}

/* --- the index --- */

enum db_rc search_vendor_changed(struct db *db, int64_t account_id)
{
    struct arena *a = db_arena(db);
    const char *name, *about;
    json_t *row;
    enum db_rc rc;

    db_exec(db, "DELETE FROM vendor_words WHERE rowid = ?1", DB_ARGS(DB_INT(account_id)));
    db_exec(db, "DELETE FROM vendor_trigrams WHERE rowid = ?1",
            DB_ARGS(DB_INT(account_id)));
    rc = db_row(db,
                "SELECT trade_name, about, address FROM vendor WHERE account_id = ?1"
                " AND state = 'approved'",
                DB_ARGS(DB_INT(account_id)), &row);
    if (rc != DB_OK)
        return rc == DB_NONE ? DB_OK : rc;
    name = text_fold(a, row_text(row, "trade_name"));
    about = text_fold(
        a, arena_printf(a, "%s %s", row_text(row, "about"), row_text(row, "address")));
    db_exec(db, "INSERT INTO vendor_words(rowid, name, about) VALUES (?1, ?2, ?3)",
            DB_ARGS(DB_INT(account_id), DB_TEXT(name), DB_TEXT(about)));
    return db_exec(db, "INSERT INTO vendor_trigrams(rowid, name) VALUES (?1, ?2)",
                   DB_ARGS(DB_INT(account_id), DB_TEXT(name)));
}

enum db_rc search_product_changed(struct db *db, int64_t product_id)
{
    struct arena *a = db_arena(db);
    const char *name, *about;
    json_t *row;
    enum db_rc rc;

    db_exec(db, "DELETE FROM product_words WHERE rowid = ?1",
            DB_ARGS(DB_INT(product_id)));
    db_exec(db, "DELETE FROM product_trigrams WHERE rowid = ?1",
            DB_ARGS(DB_INT(product_id)));
    rc = db_row(db,
                "SELECT p.name AS name, p.code AS code, p.description AS description,"
                " ifnull(c.name, '') AS category, ifnull(d.name, '') AS subcategory"
                " FROM product p LEFT JOIN category c ON c.id = p.category_id"
                " LEFT JOIN category d ON d.id = p.subcategory_id"
                " WHERE p.id = ?1 AND EXISTS (SELECT 1 FROM listing l"
                " WHERE l.product_id = p.id AND l.is_on_sale = 1)",
                DB_ARGS(DB_INT(product_id)), &row);
    if (rc != DB_OK)
        return rc == DB_NONE ? DB_OK : rc;
    name = text_fold(a, row_text(row, "name"));
    about = text_fold(a, arena_printf(a, "%s %s %s %s", row_text(row, "category"),
                                      row_text(row, "subcategory"), row_text(row, "code"),
                                      row_text(row, "description")));
    db_exec(db, "INSERT INTO product_words(rowid, name, about) VALUES (?1, ?2, ?3)",
            DB_ARGS(DB_INT(product_id), DB_TEXT(name), DB_TEXT(about)));
    return db_exec(db, "INSERT INTO product_trigrams(rowid, name) VALUES (?1, ?2)",
                   DB_ARGS(DB_INT(product_id), DB_TEXT(name)));
}

enum db_rc search_category_changed(struct db *db, int64_t category_id)
{
    json_t *rows, *row;
    size_t i;
    enum db_rc rc;

    rc = db_rows(db,
                 "SELECT id FROM product WHERE category_id = ?1 UNION"
                 " SELECT id FROM product WHERE subcategory_id = ?1",
                 DB_ARGS(DB_INT(category_id)), &rows);
    json_array_foreach(rows, i, row) if (rc == DB_OK)
        rc = search_product_changed(db, row_int(row, "id"));
    return rc;
}

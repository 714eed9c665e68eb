/* A secret's box is bound to its service and name, so that no box opens in another's place. */
#include "db/service.h"

#include "db/audit.h"
#include "db/base/clock.h"

#include <sodium.h>
#include <string.h>

enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
       TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES };

/* The folder's key makes codes and tokens too; what seals is another one, made of it. */
static void key_derive(const unsigned char key[32], unsigned char out[32])
{
    static const char use[] = "secrets of services";

    crypto_generichash(out, 32, (const unsigned char *)use, sizeof use, key, 32);
}

static const char *bound_to(struct db *db, const char *service, const char *name)
{
    return arena_printf(db_arena(db), "%s/%s", service, name);
}

static enum db_rc secret_store(struct db *db, const unsigned char key[32],
                               const struct service_value *v)
{
    const char *bound = bound_to(db, v->service, v->name);
    size_t n = strlen(v->value);
    unsigned char *box = arena_alloc(db_arena(db), NONCE + n + TAG, 1), seal[32];

    randombytes_buf(box, NONCE);
    key_derive(key, seal);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        box + NONCE, NULL, (const unsigned char *)v->value, n, (const unsigned char *)bound,
        strlen(bound), NULL, box, seal);
    sodium_memzero(seal, sizeof seal);
    return db_exec(db,
                   "INSERT INTO service_value(service, name, sealed, changed_ms)"
                   " VALUES (?1, ?2, ?3, ?4) ON CONFLICT(service, name)"
                   " DO UPDATE SET value = NULL, sealed = ?3, changed_ms = ?4",
                   DB_ARGS(DB_TEXT(v->service), DB_TEXT(v->name),
                           DB_BLOB(box, NONCE + n + TAG), DB_INT(clock_ms())));
}

static enum db_rc value_store(struct db *db, const struct service_value *v)
{
    return db_exec(db,
                   "INSERT INTO service_value(service, name, value, changed_ms)"
                   " VALUES (?1, ?2, ?3, ?4) ON CONFLICT(service, name)"
                   " DO UPDATE SET value = ?3, sealed = NULL, changed_ms = ?4",
                   DB_ARGS(DB_TEXT(v->service), DB_TEXT(v->name), DB_TEXT(v->value),
                           DB_INT(clock_ms())));
}

enum db_rc service_set(struct db *db, const struct actor *admin,
                       const unsigned char key[32], const struct service_value *v)
{
    const struct actor there = { admin->user_id, 0, admin->address };
    const char *before = "";
    enum db_rc rc;

    db_begin(db);
    rc = db_text(db,
                 "SELECT ifnull(value, '***') FROM service_value WHERE service = ?1"
                 " AND name = ?2",
                 DB_ARGS(DB_TEXT(v->service), DB_TEXT(v->name)), &before);
    if (rc == DB_NONE && !*v->value)
        return db_end(db, DB_OK);
    if (rc != DB_ERR && !v->is_secret && before && strcmp(before, v->value) == 0)
        return db_end(db, DB_OK);
    if (rc == DB_ERR)
        return db_end(db, rc);
    if (!*v->value)
        rc = db_exec(db, "DELETE FROM service_value WHERE service = ?1 AND name = ?2",
                     DB_ARGS(DB_TEXT(v->service), DB_TEXT(v->name)));
    else
        rc = v->is_secret ? secret_store(db, key, v) : value_store(db, v);
    if (rc == DB_OK)
        rc = audit_write(db, &there, "service.changed", bound_to(db, v->service, v->name),
                         before, v->is_secret && *v->value ? "***" : v->value);
    return db_end(db, rc);
}

/* NULL: it was sealed with another key, or is not whole. */
static const char *box_open(struct db *db, const unsigned char key[32], const char *bound,
                            const char *hex)
{
    size_t n = 0, max = strlen(hex) / 2;
    unsigned char *box = arena_alloc(db_arena(db), max + 1, 1), seal[32];
    char *text;
    int bad;

    if (sodium_hex2bin(box, max, hex, strlen(hex), NULL, &n, NULL) != 0 || n < NONCE + TAG)
        return NULL;
    text = arena_alloc(db_arena(db), n, 1);
    key_derive(key, seal);
    bad = crypto_aead_xchacha20poly1305_ietf_decrypt(
        (unsigned char *)text, NULL, NULL, box + NONCE, n - NONCE,
        (const unsigned char *)bound, strlen(bound), box, seal);
    sodium_memzero(seal, sizeof seal);
    text[n - NONCE - TAG] = '\0';
    return bad ? NULL : text;
}

enum db_rc service_values(struct db *db, const unsigned char key[32], const char *service,
                          json_t **values)
{
    json_t *rows, *row;
    size_t i;
    enum db_rc rc = db_rows(db,
                            "SELECT name, value, sealed FROM service_value"
                            " WHERE service = ?1",
                            DB_ARGS(DB_TEXT(service)), &rows);

    *values = json_object();
    if (rc != DB_OK)
        return rc;
    json_array_foreach(rows, i, row) {
        const char *name = json_string_value(json_object_get(row, "name"));
        const char *value = json_string_value(json_object_get(row, "value"));
        const char *sealed = json_string_value(json_object_get(row, "sealed"));

        if (sealed)
            value = box_open(db, key, bound_to(db, service, name), sealed);
        json_object_set_new(*values, name, value ? json_string(value) : json_null());
    }
    return DB_OK;
}

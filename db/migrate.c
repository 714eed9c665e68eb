/* Each file is applied and recorded in one transaction of its own, on the writer, before
 * any other thread runs. They alone may change the schema's own table. */
#include "db/migrate.h"

#include "db/base/asset.h"
#include "db/base/clock.h"
#include "db/base/log.h"
#include "db/base/text.h"
#include "db/db_internal.h"

#include <sodium.h>
#include <string.h>

static const char *checksum(struct arena *a, const struct asset *asset)
{
    unsigned char hash[16];

    crypto_generichash(hash, sizeof hash, (const unsigned char *)asset->data, asset->size,
                       NULL, 0);
    return text_hex(a, hash, sizeof hash);
}

static enum db_rc migration_run(struct db *db, const struct asset *asset, const char *sum)
{
    enum db_rc rc;

    db_begin(db);
    rc = connection_run(db_connection(db), asset->data);
    if (rc == DB_OK)
        rc = db_exec(db, "INSERT INTO migration(name, checksum, at_ms) VALUES (?1, ?2, ?3)",
                     DB_ARGS(DB_TEXT(asset->name), DB_TEXT(sum), DB_INT(clock_ms())));
    rc = db_end(db, rc);
    if (rc == DB_OK)
        log_info("migrated file=%s", asset->name);
    else
        log_error("migration failed file=%s", asset->name);
    return rc;
}

static enum db_rc migration_one(struct db *db, struct arena *a, const struct asset *asset)
{
    const char *was, *sum = checksum(a, asset);
    enum db_rc rc = db_text(db, "SELECT checksum FROM migration WHERE name = ?1",
                            DB_ARGS(DB_TEXT(asset->name)), &was);

    if (rc == DB_NONE)
        return migration_run(db, asset, sum);
    if (rc == DB_OK && strcmp(was, sum) != 0) {
        log_error("migration changed after it was applied file=%s", asset->name);
        return DB_ERR;
    }
    return rc;
}

/* Every applied migration is one of ours: an older program must not run on newer tables. */
static enum db_rc migrations_known(struct db *db, size_t ours)
{
    int64_t applied;
    enum db_rc rc = db_int(db, "SELECT count(*) FROM migration", DB_NO_ARGS, &applied);

    if (rc == DB_OK && applied > (int64_t)ours) {
        log_error("the database was made by a newer version migrations=%lld ours=%zu",
                  (long long)applied, ours);
        return DB_ERR;
    }
    return rc;
}

enum db_rc migrate_apply(struct db_file *file)
{
    struct arena *a = arena_new();
    struct db *db = db_new(file, a);
    size_t count;
    struct asset *assets = asset_list(a, "migrations/", &count);
    enum db_rc rc;

    arena_json(a);
    connection_defensive(file->writer, false);
    db_begin(db);
    rc = connection_run(db_connection(db),
                        "CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY,"
                        " checksum TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT");
    rc = db_end(db, rc);
    for (size_t i = 0; rc == DB_OK && i < count; i++)
        rc = migration_one(db, a, &assets[i]);
    if (rc == DB_OK)
        rc = migrations_known(db, count);
    connection_defensive(file->writer, true);
    arena_json(NULL);
    arena_free(a);
    return rc;
}

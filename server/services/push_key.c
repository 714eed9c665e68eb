/* P-256 by OpenSSL; the public point is always computed from the secret number, so the two
 * can't differ. */
#include "server/services/push_key.h"

#include "db/base/log.h"
#include "db/base/text.h"
#include "db/push.h"
#include "db/setting.h"
#include "server/services/seal.h"

#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <sodium.h>
#include <string.h>

#define SETTING "push_key"

bool push_key_from(struct push_key *key, const unsigned char secret[32])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *point = group ? EC_POINT_new(group) : NULL;
    BIGNUM *n = BN_bin2bn(secret, 32, NULL);

    key->is_set = point && n && !BN_is_zero(n) &&
                  BN_cmp(n, EC_GROUP_get0_order(group)) < 0 &&
                  EC_POINT_mul(group, point, n, NULL, NULL, NULL) == 1 &&
                  EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED,
                                     key->open, sizeof key->open, NULL) ==
                      sizeof key->open;
    if (key->is_set)
        memcpy(key->secret, secret, 32);
    BN_clear_free(n);
    EC_POINT_free(point);
    EC_GROUP_free(group);
    return key->is_set;
}

bool push_key_new(struct push_key *key)
{
    unsigned char secret[32];

    /* Almost every number of 32 bytes is one. */
    for (int i = 0; i < 8; i++) {
        randombytes_buf(secret, sizeof secret);
        if (push_key_from(key, secret))
            return true;
    }
    return false;
}

bool push_point_valid(const unsigned char *bytes)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *point = group ? EC_POINT_new(group) : NULL;
    bool ok = point && bytes[0] == 4 &&
              EC_POINT_oct2point(group, point, bytes, 65, NULL) == 1;

    EC_POINT_free(point);
    EC_GROUP_free(group);
    return ok;
}

static bool key_store(struct db *db, const unsigned char seal[32], struct push_key *key)
{
    struct arena *a = db_arena(db);
    enum db_rc rc;

    if (!push_key_new(key))
        return false;
    db_begin(db);
    rc = setting_put(db, SETTING, seal_text(a, seal, text_hex(a, key->secret, 32)));
    if (rc == DB_OK)
        rc = push_forget_all(db);
    return db_end(db, rc) == DB_OK;
}

bool push_key_load(struct db *db, const unsigned char seal[32], struct push_key *key)
{
    const char *sealed = setting_get(db, SETTING), *hex = NULL;
    unsigned char secret[32];
    size_t n = 0;

    if (*sealed) {
        hex = seal_open(db_arena(db), seal, sealed);
        if (hex && sodium_hex2bin(secret, 32, hex, strlen(hex), NULL, &n, NULL) == 0 &&
            n == 32 && push_key_from(key, secret))
            return true;
        log_warn("push key is of another key file: a new one is made");
    }
    if (key_store(db, seal, key))
        return true;
    log_error("push key cannot be made");
    return false;
}

/* The second way in, and the way to another number. */
#include "tests/unit/access_ground.h"

#include "db/base/hasher.h"
#include "db/number.h"
#include "db/password.h"
#include "db/session.h"
#include "db/signin.h"

#include <pthread.h>
#include <stdatomic.h>

#define MINE "+919800000001"
#define NEW "+919800000055"

static const unsigned char key[32] = "a key that is not in the file..";

/* --- passwords --- */

static void hashed(void **state)
{
    struct hasher *h = hasher_new(2);
    char one[HASHER_TEXT], two[HASHER_TEXT];

    (void)state;
    assert_non_null(h);
    assert_true(hasher_make(h, "five blue pots", one));
    assert_true(hasher_make(h, "five blue pots", two));
    assert_memory_equal(one, "$argon2id$v=19$m=19456,t=2,p=1$", 31);
    assert_string_not_equal(one, two);
    assert_int_equal(hasher_verify(h, one, "five blue pots"), HASHER_RIGHT);
    assert_int_equal(hasher_verify(h, one, "five blue pot"), HASHER_WRONG);
    assert_int_equal(hasher_verify(h, NULL, "five blue pots"), HASHER_WRONG);
    assert_int_equal(hasher_verify(h, "", "five blue pots"), HASHER_WRONG);
    hasher_free(h);
}

static struct hasher *crowded;
static atomic_int busy, wrong;

static void *comes(void *arg)
{
    (void)arg;
    switch (hasher_verify(crowded, NULL, "x")) {
    case HASHER_BUSY: busy++; break;
    case HASHER_WRONG: wrong++; break;
    case HASHER_RIGHT: break;
    }
    return NULL;
}

/* A crowd is served two at a time; those for whom there is no room are sent away. */
static void crowd(void **state)
{
    enum { CROWD = 60 };
    pthread_t threads[CROWD];

    (void)state;
    crowded = hasher_new(2);
    for (int i = 0; i < CROWD; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, comes, NULL), 0);
    for (int i = 0; i < CROWD; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(busy + wrong, CROWD);
    assert_true(wrong >= 18);
    assert_int_equal(hasher_verify(crowded, NULL, "x"), HASHER_WRONG);
    hasher_free(crowded);
}

/* Between the hash and the session another browser set another password. */
static void changed_meanwhile(void **state)
{
    struct ground *g = *state;
    const struct actor me = { user_new(g, MINE), 0, "203.0.113.7" };
    unsigned char hash[32] = { 1 };
    struct signin s = { .token_hash = hash, .agent = "", .address = "" };

    assert_int_equal(password_set(g->db, &me, 0, "old"), DB_OK);
    assert_int_equal(password_set(g->db, &me, 0, "new"), DB_OK);
    refused(g, signin_by_password(g->db, &s, MINE, "old"), 422, "password",
            "refusal.password_wrong");
    assert_int_equal(password_set(g->db, &me, 0, NULL), DB_OK);
    refused(g, signin_by_password(g->db, &s, MINE, "new"), 422, "password",
            "refusal.password_wrong");
    assert_int_equal(number_of(g, "SELECT count(*) FROM session"), 0);
    assert_int_equal(password_set(g->db, &me, 0, "new"), DB_OK);
    assert_int_equal(signin_by_password(g->db, &s, MINE, "new"), DB_OK);
    assert_int_equal(number_of(g, "SELECT by_password FROM session"), 1);
}

/* "VmHWM" or "VmRSS" of this process, in kB. */
static long memory(const char *name)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[200];
    long kb = -1;

    assert_non_null(f);
    while (kb < 0 && fgets(line, sizeof line, f))
        if (strncmp(line, name, strlen(name)) == 0)
            kb = strtol(line + strlen(name) + 1, NULL, 10);
    fclose(f);
    assert_true(kb > 0);
    return kb;
}

/* Sixteen at the door cost the memory of two. */
static void memory_of_two(void **state)
{
    enum { CROWD = 16, EACH_KB = 19456 };
    pthread_t threads[CROWD];
    FILE *f;
    long before;

    (void)state;
    crowded = hasher_new(2);
    f = fopen("/proc/self/clear_refs", "w"); /* the peak counts from here */
    assert_non_null(f);
    fputs("5", f);
    fclose(f);
    before = memory("VmRSS:");
    for (int i = 0; i < CROWD; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, comes, NULL), 0);
    for (int i = 0; i < CROWD; i++)
        pthread_join(threads[i], NULL);
    assert_in_range(memory("VmHWM:") - before, EACH_KB, 3 * EACH_KB);
    hasher_free(crowded);
}

static void fit(void **state)
{
    struct ground *g = *state;

    refused(g, password_check(g->db, "short one", MINE), 422, "password",
            "refusal.password_short");
    refused(g, password_check(g->db, "aaaaaaaaaaaa", MINE), 422, "password",
            "refusal.password_easy");
    refused(g, password_check(g->db, "my 9800000001", MINE), 422, "password",
            "refusal.password_easy");
    assert_int_equal(password_check(g->db, "five blue pots", MINE), DB_OK);
    assert_int_equal(password_check(g->db, "पाँच नीले घड़े", MINE), DB_OK);
}

/* Known and unknown numbers: the same answers, the same rows. */
static void tries_counted(void **state)
{
    struct ground *g = *state;
    const char *const numbers[] = { MINE, "+919800000099" };
    const char *hash;

    user_new(g, MINE);
    run(g, "UPDATE user SET password_hash = 'h'");
    for (int n = 0; n < 2; n++) {
        for (int i = 0; i < PASSWORD_TRIES; i++) {
            assert_int_equal(password_try(g->db, numbers[n], "203.0.113.7", &hash), DB_OK);
            assert_true(n ? hash == NULL : strcmp(hash, "h") == 0);
        }
        refused(g, password_try(g->db, numbers[n], "203.0.113.8", &hash), 429, "password",
                "refusal.password_wait");
        assert_null(hash);
    }
    assert_int_equal(number_of(g, "SELECT count(*) FROM password_try"), 2 * PASSWORD_TRIES);
    assert_int_equal(password_right(g->db, MINE), DB_OK);
    assert_int_equal(password_try(g->db, MINE, "203.0.113.7", &hash), DB_OK);
    run(g, "UPDATE password_try SET at_ms = at_ms - 16 * 60000");
    assert_int_equal(password_try(g->db, numbers[1], "203.0.113.7", &hash), DB_OK);
    for (int i = 7; i < PASSWORD_TRIES_ADDRESS; i++)
        assert_int_equal(password_try(g->db,
                                      arena_printf(g->arena, "+9197000000%02d", i),
                                      "203.0.113.7", &hash),
                         DB_OK);
    refused(g, password_try(g->db, "+919712345678", "203.0.113.7", &hash), 429, "password",
            "refusal.password_wait");
    assert_int_equal(password_try(g->db, "+919712345678", "203.0.113.9", &hash), DB_OK);
}

static void set_and_removed(void **state)
{
    struct ground *g = *state;
    const struct actor me = { user_new(g, MINE), 0, "203.0.113.7" };
    unsigned char one[32] = { 1 }, two[32] = { 2 };
    int64_t here, there;
    const char *hash;
    json_t *row;

    assert_int_equal(session_start(g->db, one, me.user_id, 0, "", "", false, &here), DB_OK);
    assert_int_equal(session_start(g->db, two, me.user_id, 0, "", "", true, &there), DB_OK);
    assert_int_equal(session_is_fresh(g->db, here), DB_OK);
    assert_int_equal(session_is_fresh(g->db, there), DB_NONE);
    assert_int_equal(password_set(g->db, &me, here, "hash"), DB_OK);
    assert_int_equal(session_find(g->db, two, &row), DB_NONE);
    assert_int_equal(session_find(g->db, one, &row), DB_OK);
    assert_int_equal(password_hash_of(g->db, me.user_id, &hash), DB_OK);
    assert_string_equal(hash, "hash");
    assert_int_equal(password_set(g->db, &me, here, NULL), DB_OK);
    assert_int_equal(password_hash_of(g->db, me.user_id, &hash), DB_OK);
    assert_null(hash);
    assert_string_equal(text_of(g, "SELECT group_concat(before || '>' || after) FROM"
                                   " audit_entry WHERE kind = 'user.password'"),
                        "none>set,set>none");
    run(g, "UPDATE session SET created_ms = created_ms - 16 * 60000");
    assert_int_equal(session_is_fresh(g->db, here), DB_NONE);
}

/* --- the number --- */

struct mover {
    struct actor me;
    struct number_request q;
    unsigned char hash[32];
};

static struct mover mover_new(struct ground *g)
{
    struct mover m = { .me = { user_new(g, MINE), 0, "203.0.113.7" }, .hash = { 7 } };
    int64_t session;

    assert_int_equal(session_start(g->db, m.hash, m.me.user_id, 0, "", "", false, &session),
                     DB_OK);
    m.q = (struct number_request) { key, session, "en", "203.0.113.7" };
    return m;
}

static const char *code_to(struct ground *g, const char *mobile)
{
    return text_of(g, arena_printf(g->arena,
                                   "SELECT payload ->> '$.code' FROM job WHERE recipient ="
                                   " '%s' AND kind = 'otp' ORDER BY id DESC LIMIT 1",
                                   mobile));
}

static const char *wrong_to(struct ground *g, const char *mobile)
{
    return strcmp(code_to(g, mobile), "111111") == 0 ? "222222" : "111111";
}

static enum db_rc prove(struct ground *g, struct mover *m, const char *code, bool *done)
{
    return number_prove(g->db, &m->me, &m->q, code, done);
}

static void number_moves(void **state)
{
    struct ground *g = *state;
    struct mover m = mover_new(g);
    unsigned char other[32] = { 9 };
    int64_t id;
    json_t *row;
    bool done;

    assert_int_equal(session_start(g->db, other, m.me.user_id, 0, "", "", false, &id), DB_OK);
    run(g, "INSERT INTO dialogue(chat, user_id, step, authenticated_until_ms, updated_ms)"
           " VALUES ('919800000001', 1, 'menu', 9, 9)");
    refused(g, number_start(g->db, &m.me, &m.q, MINE), 422, "mobile", "refusal.number_same");
    assert_int_equal(number_start(g->db, &m.me, &m.q, NEW), DB_OK);
    assert_string_equal(code_to(g, NEW), "");
    assert_int_equal(prove(g, &m, wrong_to(g, MINE), &done), DB_REFUSED);
    assert_int_equal(number_of(g, "SELECT tries FROM otp"), 1);
    assert_int_equal(prove(g, &m, code_to(g, MINE), &done), DB_OK);
    assert_false(done);
    assert_string_equal(text_of(g, "SELECT mobile FROM user"), MINE);
    assert_int_equal(prove(g, &m, wrong_to(g, NEW), &done), DB_REFUSED);
    assert_int_equal(prove(g, &m, code_to(g, NEW), &done), DB_OK);
    assert_true(done);
    assert_string_equal(text_of(g, "SELECT mobile FROM user"), NEW);
    assert_int_equal(session_find(g->db, other, &row), DB_NONE);
    assert_int_equal(session_find(g->db, m.hash, &row), DB_OK);
    assert_int_equal(number_of(g, "SELECT count(*) FROM dialogue WHERE user_id IS NOT NULL"
                                  " OR authenticated_until_ms > 0"),
                     0);
    assert_string_equal(text_of(g, "SELECT before || '>' || after FROM audit_entry"
                                   " WHERE kind = 'user.number'"),
                        MINE ">" NEW);
    assert_int_equal(number_of(g, "SELECT count(*) FROM job WHERE recipient = '" MINE "'"
                                  " AND kind = 'message'"),
                     1);
    assert_int_equal(number_of(g, "SELECT count(*) FROM number_change"), 0);
}

static void number_of_another(void **state)
{
    struct ground *g = *state;
    struct mover m = mover_new(g);
    bool done;

    user_new(g, NEW);
    assert_int_equal(number_start(g->db, &m.me, &m.q, NEW), DB_OK);
    assert_int_equal(prove(g, &m, code_to(g, MINE), &done), DB_OK);
    refused(g, prove(g, &m, code_to(g, NEW), &done), 409, NULL, "refusal.number_taken");
    assert_int_equal(number_of(g, "SELECT count(*) FROM user WHERE mobile = '" MINE "'"), 1);
}

/* A code goes with the session that asked for it, and nothing goes on for ever. */
static void number_of_other_session(void **state)
{
    struct ground *g = *state;
    struct mover m = mover_new(g), thief = m;
    bool done;

    assert_int_equal(number_start(g->db, &m.me, &m.q, NEW), DB_OK);
    thief.q.session_id++;
    refused(g, prove(g, &thief, code_to(g, MINE), &done), 410, NULL, "refusal.number_over");
    run(g, "UPDATE number_change SET expires_ms = 1");
    refused(g, prove(g, &m, code_to(g, MINE), &done), 410, NULL, "refusal.number_over");
    assert_int_equal(number_start(g->db, &m.me, &m.q, NEW), DB_OK);
    assert_int_equal(number_stop(g->db, &m.me), DB_OK);
    refused(g, prove(g, &m, code_to(g, MINE), &done), 410, NULL, "refusal.number_over");
}

#define TEST(name, fn) { name, fn, ground_open, ground_close, NULL }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST("ACC-2 a password's hash", hashed),
        TEST("ACC-2 a crowd of sign-ins", crowd),
        TEST("ACC-2 a crowd costs the memory of two", memory_of_two),
        TEST("ACC-2 a password changed meanwhile", changed_meanwhile),
        TEST("ACC-2 what a password must be", fit),
        TEST("ACC-2 tries are counted, whoever's number", tries_counted),
        TEST("ACC-2 ACC-9 set and removed", set_and_removed),
        TEST("ACC-9 SEC-06 the number is changed", number_moves),
        TEST("ACC-9 to another's number", number_of_another),
        TEST("ACC-9 SEC-06 the change goes with the session", number_of_other_session),
    };

    arena_json_init();
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}

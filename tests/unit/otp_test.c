/* One-time passwords against what the tables hold; time passes by moving the rows back.
 */
#include "tests/unit/access_ground.h"

#include "db/job.h"
#include "db/otp.h"

#include <pthread.h>

#define MOBILE "+919812345678"
#define NOBODY "+919800000001"

static const unsigned char key[32] = "a key that is not in the file..";
static const unsigned char phone[32] = "browser of the one who asked...";
static const unsigned char other[32] = "browser of somebody else.......";

static bool known; /* the browser signed in with the number before */

static enum db_rc send_as(struct ground *g, const char *mobile,
                          const unsigned char *browser, const char *address)
{
    struct otp_request o = { key,  mobile,                    "signup", browser,
                             "en", "{\"name\":\"Asha\"}", address,  known };

    return otp_send(g->db, &o);
}

static enum db_rc send_code(struct ground *g)
{
    return send_as(g, MOBILE, phone, "203.0.113.7");
}

/* The code in the newest job to the number; "" when it is wiped. */
static const char *code_of(struct ground *g, const char *mobile)
{
    const char *code;

    assert_int_not_equal(
        db_text(g->db,
                "SELECT payload ->> '$.code' FROM job WHERE recipient = ?1"
                " ORDER BY id DESC LIMIT 1",
                DB_ARGS(DB_TEXT(mobile)), &code),
        DB_ERR);
    return code ? code : "";
}

static const char *wrong_code(struct ground *g)
{
    return strcmp(code_of(g, MOBILE), "111111") == 0 ? "222222" : "111111";
}

static enum db_rc check(struct ground *g, const unsigned char *browser, const char *code)
{
    const char *purpose, *details;
    enum db_rc rc = otp_check(g->db, key, MOBILE, browser, code, &purpose, &details);

    if (rc == DB_OK) {
        assert_string_equal(purpose, "signup");
        assert_string_equal(details, "{\"name\":\"Asha\"}");
    }
    return rc;
}

static void pass(struct ground *g, int minutes)
{
    db_begin(g->db);
    db_exec(g->db,
            "UPDATE otp SET created_ms = created_ms - ?1, expires_ms = expires_ms - ?1",
            DB_ARGS(DB_INT(minutes * (int64_t)CLOCK_MINUTE)));
    db_exec(g->db, "UPDATE job SET expires_ms = expires_ms - ?1",
            DB_ARGS(DB_INT(minutes * (int64_t)CLOCK_MINUTE)));
    assert_int_equal(db_end(g->db, DB_OK), DB_OK);
}

/* SEC-07 */
static void right_once(void **state)
{
    struct ground *g = *state;
    const char *code;

    assert_int_equal(send_code(g), DB_OK);
    code = code_of(g, MOBILE);
    assert_int_equal(strlen(code), 6);
    assert_int_equal(strspn(code, "0123456789"), 6);
    assert_string_equal(text_of(g, "SELECT payload ->> '$.mobile' FROM job"), MOBILE);
    assert_string_equal(text_of(g, "SELECT payload ->> '$.lang' FROM job"), "en");
    assert_in_range(number_of(g, "SELECT expires_ms - created_ms FROM job"),
                    9 * CLOCK_MINUTE, 10 * CLOCK_MINUTE);
    assert_int_equal(check(g, phone, code), DB_OK);
    assert_string_equal(code_of(g, MOBILE), "");
    assert_string_equal(text_of(g, "SELECT state || details FROM otp"), "used{}");
    refused(g, check(g, phone, code), 422, "code", "refusal.otp_expired");
}

/* SEC-07 */
static void not_in_clear(void **state)
{
    struct ground *g = *state;

    assert_int_equal(send_code(g), DB_OK);
    assert_int_equal(number_of(g, "SELECT instr(hex(code_hash), (SELECT hex(payload ->>"
                                  " '$.code') FROM job)) FROM otp"),
                     0);
    assert_int_equal(number_of(g, "SELECT length(code_hash) FROM otp"), 32);
    assert_string_equal(text_of(g, "SELECT details FROM otp"), "{\"name\":\"Asha\"}");
}

static void other_key(void **state)
{
    static const unsigned char wrong[32] = "another key than the first one.";
    struct ground *g = *state;
    const char *purpose, *details;

    assert_int_equal(send_code(g), DB_OK);
    refused(
        g, otp_check(g->db, wrong, MOBILE, phone, code_of(g, MOBILE), &purpose, &details),
        422, "code", "refusal.otp_wrong");
}

/* SEC-09 */
static void five_tries(void **state)
{
    struct ground *g = *state;

    assert_int_equal(send_code(g), DB_OK);
    for (int left = 4; left > 0; left--) {
        refused(g, check(g, phone, wrong_code(g)), 422, "code", "refusal.otp_wrong");
        assert_int_equal(int_in(db_refusal(g->db)->args, "n"), left);
        if (left == 3)
            ground_restart(g);
        assert_int_equal(number_of(g, "SELECT tries FROM otp"), 5 - left);
    }
    refused(g, check(g, phone, wrong_code(g)), 422, "code", "refusal.otp_locked");
    assert_string_equal(text_of(g, "SELECT state || tries FROM otp"), "locked5");
    assert_string_equal(code_of(g, MOBILE), "");
}

static void locked_for_good(void **state)
{
    struct ground *g = *state;
    const char *code, *wrong;

    assert_int_equal(send_code(g), DB_OK);
    code = code_of(g, MOBILE);
    wrong = wrong_code(g);
    for (int i = 0; i < 5; i++)
        assert_int_equal(check(g, phone, wrong), DB_REFUSED);
    refused(g, check(g, phone, code), 422, "code", "refusal.otp_expired");
}

static void odd_codes(void **state)
{
    struct ground *g = *state;
    static const char *const odd[] = { "", "1", "1234567", "abcdef",
                                       "'; DROP TABLE otp" };

    assert_int_equal(send_code(g), DB_OK);
    for (size_t i = 0; i < 4; i++)
        refused(g, check(g, phone, odd[i]), 422, "code", "refusal.otp_wrong");
    refused(g, check(g, phone, odd[4]), 422, "code", "refusal.otp_locked");
}

/* SEC-08 */
static void other_browser(void **state)
{
    struct ground *g = *state;

    assert_int_equal(send_code(g), DB_OK);
    refused(g, check(g, other, code_of(g, MOBILE)), 422, "code", "refusal.otp_expired");
    assert_int_equal(number_of(g, "SELECT tries FROM otp"), 0);
    assert_int_equal(check(g, phone, code_of(g, MOBILE)), DB_OK);
}

/* SEC-07 */
static void ten_minutes(void **state)
{
    struct ground *g = *state;
    const char *code;

    assert_int_equal(send_code(g), DB_OK);
    code = code_of(g, MOBILE);
    pass(g, 9);
    refused(g, check(g, phone, wrong_code(g)), 422, "code", "refusal.otp_wrong");
    pass(g, 1);
    refused(g, check(g, phone, code), 422, "code", "refusal.otp_expired");
    assert_string_equal(text_of(g, "SELECT state FROM otp"), "expired");
    assert_string_equal(code_of(g, MOBILE), "");
}

/* Nobody came back: the sweep wipes the code. */
static void swept(void **state)
{
    struct ground *g = *state;

    assert_int_equal(send_code(g), DB_OK);
    pass(g, 11);
    assert_int_equal(job_sweep(g->db), DB_OK);
    assert_string_equal(code_of(g, MOBILE), "");
    assert_string_equal(text_of(g, "SELECT state FROM job"), "expired");
}

static void sent_and_used(void **state)
{
    struct ground *g = *state;
    json_t *job;
    int64_t next;

    assert_int_equal(send_code(g), DB_OK);
    assert_int_equal(job_lease(g->db, JOB_OTPS, 1000, &job, &next), DB_OK);
    assert_int_equal(job_done(g->db, int_in(job, "id"), NULL), DB_OK);
    assert_int_equal(check(g, phone, code_of(g, MOBILE)), DB_OK);
    assert_string_equal(text_of(g, "SELECT state || payload FROM job"),
                        "done{\"mobile\":\"" MOBILE "\",\"lang\":\"en\"}");
}

static void new_kills_old(void **state)
{
    struct ground *g = *state;
    const char *first, *second;

    assert_int_equal(send_code(g), DB_OK);
    first = code_of(g, MOBILE);
    do {
        pass(g, 16);
        assert_int_equal(send_code(g), DB_OK);
        second = code_of(g, MOBILE);
    } while (strcmp(first, second) == 0);
    refused(g, check(g, phone, first), 422, "code", "refusal.otp_wrong");
    assert_int_equal(check(g, phone, second), DB_OK);
    assert_int_equal(number_of(g, "SELECT count(*) FROM job WHERE payload ->> '$.code'"
                                  " IS NOT NULL OR state = 'waiting'"),
                     0);
}

/* SEC-10 */
static void three_sends(void **state)
{
    struct ground *g = *state;

    for (int i = 0; i < 3; i++)
        assert_int_equal(send_as(g, MOBILE, i == 1 ? other : phone, ""), DB_OK);
    refused(g, send_code(g), 429, "mobile", "refusal.otp_wait");
    assert_in_range(int_in(db_refusal(g->db)->args, "n"), 15, 16);
    ground_restart(g);
    pass(g, 14);
    refused(g, send_code(g), 429, "mobile", "refusal.otp_wait");
    assert_in_range(int_in(db_refusal(g->db)->args, "n"), 1, 2);
    assert_int_equal(number_of(g, "SELECT count(*) FROM otp"), 3);
    assert_int_equal(number_of(g, "SELECT count(*) FROM job"), 3);
    assert_int_equal(send_as(g, NOBODY, phone, ""), DB_OK);
    pass(g, 1);
    assert_int_equal(send_code(g), DB_OK);
}

/* SEC-10 */
static void sixty_an_address(void **state)
{
    struct ground *g = *state;
    char mobile[32];

    for (int i = 0; i < 60; i++) {
        snprintf(mobile, sizeof mobile, "+91980000%04d", i);
        assert_int_equal(send_as(g, mobile, phone, "203.0.113.9"), DB_OK);
    }
    refused(g, send_as(g, MOBILE, phone, "203.0.113.9"), 429, "mobile",
            "refusal.otp_wait");
    assert_in_range(int_in(db_refusal(g->db)->args, "n"), 60, 61);
    assert_int_equal(send_as(g, MOBILE, phone, "203.0.113.10"), DB_OK);
    pass(g, 60);
    assert_int_equal(send_as(g, MOBILE, phone, "203.0.113.9"), DB_OK);
}

/* SEC-11: Whether a number is a user's changes nothing in what is answered or stored. */
static void known_or_not(void **state)
{
    struct ground *g = *state;

    user_new(g, MOBILE);
    assert_int_equal(send_as(g, MOBILE, phone, ""), DB_OK);
    assert_int_equal(send_as(g, NOBODY, phone, ""), DB_OK);
    assert_int_equal(number_of(g, "SELECT count(*) FROM job WHERE kind = 'otp'"
                                  " AND length(payload ->> '$.code') = 6"),
                     2);
    assert_int_equal(
        number_of(g, "SELECT count(DISTINCT otp.state || job.state || details ||"
                     " length(payload)) FROM otp JOIN job USING (id)"),
        1);
}

static void old_ones_go(void **state)
{
    struct ground *g = *state;

    for (int i = 0; i < 3; i++) {
        assert_int_equal(send_code(g), DB_OK);
        pass(g, 25 * 60);
    }
    assert_int_equal(send_code(g), DB_OK);
    assert_int_equal(number_of(g, "SELECT count(*) FROM otp"), 1);
}

/* An id that was given again would find the job of its first code, and nothing be sent. */
static void each_is_sent(void **state)
{
    struct ground *g = *state;

    for (int i = 1; i <= 4; i++) {
        assert_int_equal(send_code(g), DB_OK);
        assert_int_equal(number_of(g, "SELECT count(*) FROM job"), i);
        assert_int_equal(check(g, phone, code_of(g, MOBILE)), DB_OK);
        pass(g, 25 * 60);
    }
}

/* --- SEC-09: strangers who know the number --- */

static void strangers_send(struct ground *g)
{
    for (int i = 0; i < 3; i++)
        assert_int_equal(send_as(g, MOBILE, other, "203.0.113.66"), DB_OK);
    refused(g, send_as(g, MOBILE, other, "203.0.113.66"), 429, "mobile",
            "refusal.otp_wait");
}

static void owner_is_let_in(void **state)
{
    struct ground *g = *state;

    strangers_send(g);
    refused(g, send_code(g), 429, "mobile", "refusal.otp_wait"); /* not known there */
    known = true;
    for (int i = 0; i < 2; i++)
        assert_int_equal(send_code(g), DB_OK);
    assert_int_equal(check(g, phone, code_of(g, MOBILE)), DB_OK);
    assert_int_equal(send_code(g), DB_OK);
    refused(g, send_code(g), 429, "mobile", "refusal.otp_wait");
    known = false;
}

static void strangers_end_no_code(void **state)
{
    struct ground *g = *state;
    const char *code, *wrong;

    assert_int_equal(send_code(g), DB_OK);
    code = code_of(g, MOBILE);
    wrong = wrong_code(g);
    assert_int_equal(send_as(g, MOBILE, other, "203.0.113.66"), DB_OK);
    for (int i = 0; i < 5; i++)
        assert_int_equal(check(g, other, wrong), DB_REFUSED);
    assert_int_equal(number_of(g, "SELECT tries FROM otp ORDER BY id LIMIT 1"), 0);
    assert_int_equal(check(g, phone, code), DB_OK);
}

/* From ten wrong ones on there is one try a code; the owner's right one is enough. */
static void guessing_gets_slow(void **state)
{
    struct ground *g = *state;
    const char *wrong;

    assert_int_equal(send_as(g, MOBILE, other, ""), DB_OK);
    wrong = wrong_code(g);
    for (int i = 0; i < 5; i++)
        assert_int_equal(check(g, other, wrong), DB_REFUSED);
    assert_int_equal(send_as(g, MOBILE, other, ""), DB_OK);
    wrong = wrong_code(g);
    for (int i = 0; i < 5; i++)
        assert_int_equal(check(g, other, wrong), DB_REFUSED);
    assert_int_equal(send_as(g, MOBILE, other, ""), DB_OK);
    refused(g, check(g, other, wrong_code(g)), 422, "code", "refusal.otp_locked");
    assert_int_equal(number_of(g, "SELECT sum(tries) FROM otp"), 11);
    /* Another's number is not concerned. */
    assert_int_equal(send_as(g, NOBODY, other, ""), DB_OK);
    wrong = strcmp(code_of(g, NOBODY), "000000") == 0 ? "000001" : "000000";
    for (int i = 0; i < 4; i++)
        refused(g, otp_check(g->db, key, NOBODY, other, wrong, &(const char *){ 0 },
                             &(const char *){ 0 }),
                422, "code", "refusal.otp_wrong");
    pass(g, 16);
    assert_int_equal(send_code(g), DB_OK);
    assert_int_equal(check(g, phone, code_of(g, MOBILE)), DB_OK);
    known = true;
    assert_int_equal(send_code(g), DB_OK);
    refused(g, check(g, phone, wrong_code(g)), 422, "code", "refusal.otp_wrong");
    known = false;
}

static void a_day_costs(void **state)
{
    struct ground *g = *state;

    run(g, "INSERT INTO otp(mobile, purpose, browser, code_hash, created_ms, expires_ms)"
           " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4999)"
           " SELECT '+91' || i, 'signin', x'00', x'00', unixepoch() * 1000, 1 FROM n");
    assert_int_equal(send_code(g), DB_OK);
    refused(g, send_as(g, NOBODY, phone, ""), 429, "mobile", "refusal.otp_wait");
    known = true;
    assert_int_equal(send_code(g), DB_OK);
    known = false;
    pass(g, 24 * 60);
    assert_int_equal(send_as(g, NOBODY, phone, ""), DB_OK);
}

struct racer {
    struct ground *g;
    const char *code;
    int right, wrong;
};

static void *race(void *arg)
{
    struct racer *r = arg;
    struct arena *a = arena_new();

    arena_json(a);
    for (int i = 0; i < 4; i++) {
        const char *purpose, *details;
        struct db *db = db_new(r->g->file, a);
        enum db_rc rc = otp_check(db, key, MOBILE, phone, r->code, &purpose, &details);

        r->right += rc == DB_OK;
        r->wrong += rc == DB_REFUSED;
    }
    arena_json(NULL);
    arena_free(a);
    return NULL;
}

static int raced(struct ground *g, const char *code, int *wrong)
{
    pthread_t threads[8];
    struct racer racers[8];
    int right = 0;

    *wrong = 0;
    db_release(g->db);
    for (int i = 0; i < 8; i++) {
        racers[i] = (struct racer) { g, code, 0, 0 };
        pthread_create(&threads[i], NULL, race, &racers[i]);
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        right += racers[i].right;
        *wrong += racers[i].wrong;
    }
    return right;
}

static void race_for_one(void **state)
{
    struct ground *g = *state;
    int wrong;

    assert_int_equal(send_code(g), DB_OK);
    assert_int_equal(raced(g, code_of(g, MOBILE), &wrong), 1);
    assert_int_equal(wrong, 31);
}

/* SEC-09 */
static void race_of_guesses(void **state)
{
    struct ground *g = *state;
    int wrong;

    assert_int_equal(send_code(g), DB_OK);
    assert_int_equal(raced(g, wrong_code(g), &wrong), 0);
    assert_int_equal(wrong, 32);
    assert_string_equal(text_of(g, "SELECT state || tries FROM otp"), "locked5");
}

int main(void)
{
    struct CMUnitTest tests[] = {
        { "ACC-1 a code is right once, and wiped", right_once, ground_open, ground_close,
          NULL },
        { "ACC-1 only a keyed hash is kept", not_in_clear, ground_open, ground_close,
          NULL },
        { "ACC-1 the hash needs its key", other_key, ground_open, ground_close, NULL },
        { "ACC-1 five tries a code, over restarts", five_tries, ground_open, ground_close,
          NULL },
        { "ACC-1 a locked code stays locked", locked_for_good, ground_open, ground_close,
          NULL },
        { "ACC-1 odd codes are wrong ones", odd_codes, ground_open, ground_close, NULL },
        { "ACC-1 a code is of its browser", other_browser, ground_open, ground_close,
          NULL },
        { "ACC-1 ACC-2 a code lasts ten minutes", ten_minutes, ground_open, ground_close,
          NULL },
        { "ACC-1 NOTE-3 an unused code is wiped", swept, ground_open, ground_close, NULL },
        { "ACC-1 SYS-2 a sent code is wiped on use", sent_and_used, ground_open, ground_close,
          NULL },
        { "ACC-1 a new code ends the old one", new_kills_old, ground_open, ground_close,
          NULL },
        { "ACC-1 three codes in 15 minutes", three_sends, ground_open, ground_close,
          NULL },
        { "ACC-1 sixty an hour and address", sixty_an_address, ground_open, ground_close,
          NULL },
        { "ACC-2 alike for any number", known_or_not, ground_open, ground_close, NULL },
        { "ACC-1 the table stays small", old_ones_go, ground_open, ground_close, NULL },
        { "ACC-1 every code is sent", each_is_sent, ground_open, ground_close, NULL },
        { "SEC-09 strangers don't keep the owner out", owner_is_let_in, ground_open,
          ground_close, NULL },
        { "SEC-09 strangers end no code of the owner's", strangers_end_no_code, ground_open,
          ground_close, NULL },
        { "SEC-09 guessing gets slow", guessing_gets_slow, ground_open, ground_close, NULL },
        { "SEC-10 what a day costs is limited", a_day_costs, ground_open, ground_close,
          NULL },
        { "ACC-1 32 at once: one gets in", race_for_one, ground_open, ground_close,
          NULL },
        { "ACC-1 32 guesses count five", race_of_guesses, ground_open, ground_close,
          NULL },
    };

    arena_json_init();
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}

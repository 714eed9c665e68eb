/* One-time passwords (ACC-1, ACC-2): six digits, ten minutes, five tries, single use,
 * bound to who asked. Nothing here tells whether a number is a user's. */
#ifndef OTP_H
#define OTP_H

#include "db/db.h"

enum {
    OTP_TRIES = 5,
    OTP_PER_NUMBER = 3,       /* codes in 15 minutes */
    OTP_PER_ADDRESS = 60,     /* in an hour */
    OTP_STRANGERS_TRIES = 10, /* wrong in an hour: from then on one try a code */
};

struct otp_request {
    const unsigned char *key; /* 32 bytes, not of the database */
    const char *mobile;
    const char *purpose;          /* "signin", "signup", "chat" */
    const unsigned char *browser; /* 32 bytes: hash of what binds the code to who asked */
    const char *lang;             /* of the message */
    const char *details;          /* JSON kept until the code is right; NULL: none */
    const char *address;          /* of the network; "" in a chat */
    bool is_known;                /* this browser signed in with the number before */
    bool is_again; /* for what the code that is open was for: signing up stays signing up */
};

/* Makes a code and the job that sends it; the code that this browser had open for the
 * number dies. Refused with 429 at "mobile" ({n}: minutes to wait) after three sends to a
 * number within 15 minutes - a known browser's are counted apart from the others' - or 60 by
 * an address within an hour, or codes_per_day of the settings to browsers that are not known. */
MUST_USE enum db_rc otp_send(struct db *db, const struct otp_request *request);

struct otp_try {
    const unsigned char *key, *browser; /* 32 bytes each */
    const char *mobile, *code;
    const char *why;               /* the refusal's key; NULL: it was right */
    int64_t left;                  /* tries */
    const char *purpose, *details; /* of a right one, as they were given */
};

/* Counts a try and judges it, within the transaction that is open: whatever comes of it is to
 * be committed, so a refusal (otp_refuse) comes after that. A right code is used up. */
MUST_USE enum db_rc otp_judge(struct db *db, struct otp_try *t);
enum db_rc otp_refuse(struct db *db, const struct otp_try *t);

/* Checks a code, once. DB_OK: it was right and is used up; purpose and details as they
 * were given. Refused with 422 at "code": wrong ({n}: tries left), too often wrong, or
 * over its time; wrong tries stay counted. */
MUST_USE enum db_rc otp_check(struct db *db, const unsigned char key[32],
                              const char *mobile, const unsigned char browser[32],
                              const char *code, const char **purpose,
                              const char **details);

#endif

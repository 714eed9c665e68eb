/* One-time passwords (ACC-1, ACC-2): six digits, ten minutes, five tries, single use,
 * bound to who asked. Nothing here tells whether a number is a user's. */
#ifndef OTP_H
#define OTP_H

#include "db/db.h"

enum { OTP_TRIES = 5, OTP_PER_NUMBER = 3, OTP_PER_ADDRESS = 60 };

struct otp_request {
    const unsigned char *key; /* 32 bytes, not of the database */
    const char *mobile;
    const char *purpose;          /* "signin", "signup", "chat" */
    const unsigned char *browser; /* 32 bytes: hash of what binds the code to who asked */
    const char *lang;             /* of the message */
    const char *details;          /* JSON kept until the code is right; NULL: none */
    const char *address;          /* of the network; "" in a chat */
};

/* Makes a code and the job that sends it; earlier open codes of the number die. Refused
 * with 429 at "mobile" after three sends to a number within 15 minutes, or 60 by an
 * address within an hour ({n}: minutes to wait). */
MUST_USE enum db_rc otp_send(struct db *db, const struct otp_request *request);

/* Checks a code, once. DB_OK: it was right and is used up; purpose and details as they
 * were given. Refused with 422 at "code": wrong ({n}: tries left), too often wrong, or
 * over its time; wrong tries stay counted. */
MUST_USE enum db_rc otp_check(struct db *db, const unsigned char key[32],
                              const char *mobile, const unsigned char browser[32],
                              const char *code, const char **purpose,
                              const char **details);

#endif

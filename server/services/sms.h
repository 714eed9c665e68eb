/* Codes by SMS, with any gateway that takes a call of HTTP a message. */
#ifndef SMS_H
#define SMS_H

#include "server/services/services.h"

bool sms_is_set(const struct services *s);

enum send_rc sms_otp(const struct services *s, struct arena *a, const struct otp_message *otp,
                     struct send_result *result);

extern const struct services_calls services_sms, services_both;

#endif

/* What an error code of the WhatsApp Cloud API means for the message that met it. */
#ifndef WHATSAPP_ERROR_H
#define WHATSAPP_ERROR_H

#include "server/services/services.h"

/* `status`: of HTTP, for codes that we don't know (0: the answer had no code). Fills
 * wait_ms and is_alert. */
enum send_rc whatsapp_error(int64_t code, long status, int64_t tries,
                            struct send_result *result);

#endif

/* Our messages in the words of the Cloud API. Pure. */
#ifndef WHATSAPP_MESSAGE_H
#define WHATSAPP_MESSAGE_H

#include "server/services/services.h"

/* The body of POST /{phone_number_id}/messages. NULL when there is nobody to send to or
 * nothing to say. Pictures need the public URL; without one only their words are sent. */
json_t *whatsapp_message_body(struct arena *a, const json_t *message,
                              const char *public_url);

/* The same by the template, for who has not written for a day: WhatsApp takes nothing else
 * then. Buttons and pictures are left out, line breaks become spaces. */
json_t *whatsapp_template_body(struct arena *a, const json_t *message,
                               const char *template);

/* An OTP: by the authentication template, or as text when `template` is empty. */
json_t *whatsapp_otp_body(struct arena *a, const struct otp_message *otp,
                          const char *template);

#endif

/* writable.h - how much tern_send() takes, and when the program is told that it does again. */
#ifndef TERN_TCP_TRANSFER_WRITABLE_H
#define TERN_TCP_TRANSFER_WRITABLE_H

#include "tcp/settings.h"

/* How many of so many octets fit in the send buffer; 0: none, or too many wait to be sent
 * (TERN_OPTION_UNSENT_LOW). */
uint32_t writable_room(const struct engine *e, const struct tcb *t, size_t bytes);

/* A third of the send buffer is free, and few enough octets wait to be sent. waking: is that news
 * to a program that waits? */
bool writable_now(const struct engine *e, const struct tcb *t, bool waking);

/* The program has been refused: it is told when the time has come. */
void writable_tell(const struct engine *e, struct tcb *t);

/* Likewise: octets were acknowledged; new ones went out; nothing more may go out now. */
void writable_acked(const struct engine *e, struct tcb *t);
void writable_sent(const struct engine *e, struct tcb *t);
void writable_rests(const struct engine *e, struct tcb *t);

#endif

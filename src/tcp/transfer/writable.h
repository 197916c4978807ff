/* writable.h - when the program is told that tern_send() takes octets again. */
#ifndef TERN_TCP_TRANSFER_WRITABLE_H
#define TERN_TCP_TRANSFER_WRITABLE_H

#include "tcp/settings.h"

/* Fewer octets wait to be sent once than TERN_OPTION_UNSENT_LOW asks for. */
bool writable_unsent_low(const struct engine *e, const struct tcb *t);

/* That, and a third of the send buffer is free. */
bool writable_now(const struct engine *e, const struct tcb *t);

/* The program has been refused: it is told when the time has come. */
void writable_tell(const struct engine *e, struct tcb *t);

#endif

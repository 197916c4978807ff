/* symbols.h - the numbers of SOL_SOCKET, EAGAIN, POLLIN and their kind, as Linux has them. */
#ifndef TERN_APPS_PKT_SYMBOLS_H
#define TERN_APPS_PKT_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

/* false: there is no such symbol. */
bool pkt_symbol(const char *name, int64_t *number);

/* The name of an error, such as "EAGAIN"; NULL: Linux has none of this number. */
const char *pkt_errno_name(int number);

#endif

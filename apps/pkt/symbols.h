/* symbols.h - the numbers of SOL_SOCKET, EAGAIN, POLLIN and their kind, as Linux has them. */
#ifndef TERN_APPS_PKT_SYMBOLS_H
#define TERN_APPS_PKT_SYMBOLS_H

#include "apps/pkt/script.h"

/* false: there is no such symbol. */
bool pkt_symbol(const char *name, int64_t *number);

/* The name of an error, such as "EAGAIN"; NULL: Linux has none of this number. */
const char *pkt_errno_name(int number);

/* The first symbol in the calls of a script that is none, and its place; NULL: all are. An error
 * that a call is to give is one as well. */
const char *pkt_symbol_unknown(const pkt_script *script, pkt_place *place);

#endif

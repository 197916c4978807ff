/* shapes.h - which structure of C the fields between braces are. */
#ifndef TERN_APPS_PKT_SHAPES_H
#define TERN_APPS_PKT_SHAPES_H

#include "apps/pkt/script.h"

/* Sets structure->shape. NULL: good, or a structure that is not known; else why it is wrong, and
 * *wrong is the field, or the structure when a field is missing. */
const char *shapes_recognize(pkt_expr *structure, const pkt_expr **wrong);

/* Is this the text of an address, as inet_pton() reads it? */
bool pkt_address_valid(bool ipv6, const char *text);

/* The C name of a shape, such as "sockaddr"; "?" for PKT_SHAPE_OTHER. */
const char *pkt_shape_name(pkt_shape shape);

#endif

/* options_text.h - the TCP options of a segment as a script writes them. */
#ifndef TERN_DRILL_OPTIONS_TEXT_H
#define TERN_DRILL_OPTIONS_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum { OPTIONS_TEXT_BYTES = 320 }; /* of 40 octets, each "nop,", fewer */

/* "mss 1460,nop,wscale 7"; "none" without any. Sequence numbers and timestamps are those of the
 * wire; what no name is known for, or has no right length, is its octets. */
void options_text(const uint8_t *octets, size_t bytes, char text[OPTIONS_TEXT_BYTES]);

#endif

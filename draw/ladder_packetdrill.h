/* ladder_packetdrill.h - a recording as a packetdrill script, as one end lived it.
 *
 * What that end's program called becomes system calls, what its TCP sent packets that are
 * expected, what it got packets that are injected, each so long after the one before. Sequence
 * numbers are relative, options stand in the order they had on the wire; the windows it offered
 * are not written: they follow from the buffers of the machine that runs the script. What the
 * language cannot say (packets of strangers, damaged ones) stands as a comment. The language is
 * that of packetdrill (N. Cardwell and others, USENIX ATC 2013). */
#ifndef TERN_DRAW_LADDER_PACKETDRILL_H
#define TERN_DRAW_LADDER_PACKETDRILL_H

#include <stdio.h>

#include "draw/ladder.h"

/* `title`: a comment at the head. The notes are read as the calls of tern play: "listen",
 * "connect", "send 100", "read 100", "shutdown", "close", "abort"; others are comments. */
void ladder_packetdrill_print(const ladder *l, ladder_end side, const char *title, FILE *out);

#endif

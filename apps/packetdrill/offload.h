/* offload.h - the segments of a burst, as a script has them that was written for a device with
 * segmentation offload.
 *
 * Linux gives such a device several segments as one and sets PSH on it, whoever wrote how much.
 * packetdrill puts single segments together to what its script names and asks the last for that
 * PSH, but where in a burst its script ends one and begins the next is the kernel's affair: so
 * each segment of a burst gets PSH on its way to packetdrill (docs/decisions/0022, 0026). */
#ifndef TERN_APPS_PACKETDRILL_OFFLOAD_H
#define TERN_APPS_PACKETDRILL_OFFLOAD_H

#include "apps/drill/subject.h"

/* Was `second` sent in one burst with `first`, right behind it? NULL: no. */
bool offload_is_burst(const subject_packet *first, const subject_packet *second);

/* Sets PSH on a TCP segment. */
void offload_push(subject_packet *packet);

#endif

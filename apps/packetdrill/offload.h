/* offload.h - the segments of a burst, as a script has them that was written for a device with
 * segmentation offload.
 *
 * Linux gives such a device several segments as one, two at least, and sets PSH on it, whoever
 * wrote how much. packetdrill puts single segments together to what its script names, and asks the
 * last of them for that PSH. Where in a burst the script ends one packet and begins the next is
 * the kernel's affair: so each segment of a burst gets PSH on its way to packetdrill, but for the
 * last of an odd number, which Linux sends alone (docs/decisions/0026). */
#ifndef TERN_APPS_PACKETDRILL_OFFLOAD_H
#define TERN_APPS_PACKETDRILL_OFFLOAD_H

#include "apps/drill/subject.h"

/* Was `second` sent in one burst with `first`, right behind it? NULL: no. */
bool offload_is_burst(const subject_packet *first, const subject_packet *second);

/* Does this segment of a burst, 1 the first, get PSH? goes_on: it is not the last; cut: the device
 * is given single segments, and the end of each two is seen. */
bool offload_is_pushed(uint32_t place, bool goes_on, bool cut);

/* Sets PSH on a TCP segment. */
void offload_push(subject_packet *packet);

#endif

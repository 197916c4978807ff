/* plugin.h - the one machine of this process, and the descriptors that are its. */
#ifndef TERN_APPS_PACKETDRILL_PLUGIN_H
#define TERN_APPS_PACKETDRILL_PLUGIN_H

#include "apps/packetdrill/interface.h"
#include "apps/packetdrill/machine.h"

/* slots.c: all of them but userdata, the device, the clock and free. */
void slots_fill(struct packetdrill_interface *interface);

/* descriptors.c: MACHINE_DESCRIPTORS numbers in a row that libc will give to nobody else, because
 * each is open on /dev/null; a close() of libc's own that packetdrill calls on one does no harm.
 * Returns the first, or -1 and errno. */
int descriptors_reserve(void);
void descriptors_release(int first);

/* interpose.c: to whom getsockopt() and close() of libc's name belong; NULL: to libc alone. */
void interpose_set(machine *m, int first_descriptor);
/* Is fd one of the machine's numbers? */
bool interpose_owns(int fd);

#endif

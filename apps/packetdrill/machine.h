/* machine.h - what packetdrill drives: a stack with its sockets and a clock of its own, for callers
 * in several threads.
 *
 * One lock: a thread is alone from machine_enter() to machine_leave(), but while its call waits.
 * Time is virtual. It goes on only where somebody asks for that (machine_pass(),
 * machine_until_packet(), and by a microsecond with each look at the clock), from one instant at
 * which something is due to the next. At each instant all callers that were woken run until they
 * return or wait again, before time goes on: so a call returns at the instant of what it waited
 * for. The first look at the clock after such a return gives that instant: it is how packetdrill
 * measures when the call returned. Before that look, and before the thread sleeps after it, time
 * does not go on either (unless it does neither in the tenth of a second).
 *
 * The thread that made the machine drives it. A call of its own that waits lets time go on itself,
 * since nobody else would, and fails with EINTR when nothing will ever come. If the driver is
 * silent for half a second of real time while another thread's call waits, it waits for that call
 * to return; then the call lets time go on, by at most a second, which is as long as packetdrill
 * waits for a kernel. */
#ifndef TERN_APPS_PACKETDRILL_MACHINE_H
#define TERN_APPS_PACKETDRILL_MACHINE_H

#include "apps/drill/subject.h"
#include "apps/drill/so_flags.h"

typedef struct machine machine;

enum { MACHINE_DESCRIPTORS = SUBJECT_DESCRIPTORS };

/* first_descriptor: the lowest of MACHINE_DESCRIPTORS numbers for its sockets. NULL: no memory. */
machine *machine_new(const so_flags *f, int first_descriptor);
/* Calls that still wait fail with EINTR first. */
void machine_free(machine *m);

/* Takes the lock; the stack is made when the first of these comes. NULL: it cannot be made
 * (errno); nothing to leave then. */
tern_sockets *machine_enter(machine *m);
/* Sends what the call left, wakes whom it concerns, gives back the lock. A result below 0 is a
 * negative errno: errno is set, and -1 returned. */
ssize_t machine_leave(machine *m, ssize_t result);

/* One packet comes. */
void machine_inject(machine *m, const void *packet, size_t bytes);

/* Lets time go on until the stack sends a packet: copies it, and when it was sent; returns its
 * octets, cut at cap_bytes. 0: none will ever come. */
size_t machine_until_packet(machine *m, void *packet, size_t cap_bytes, tern_time *sent_us);

/* Do a script's shell commands reach a shell? If not, they are for machine_command(). */
bool machine_has_shell(const machine *m);
/* Does what tern drill does of them. false: standard error says what is unsupported or missing. */
bool machine_command(machine *m, const char *text);

void machine_pass(machine *m, tern_time us);
tern_time machine_clock(machine *m);

#endif

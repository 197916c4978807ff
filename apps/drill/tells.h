/* tells.h - commands that tell of the system (sockstat, nstat, grep in /proc/net/tcp), and greps
 * behind them: a script's way to ask what state its connections are in. */
#ifndef TERN_APPS_DRILL_TELLS_H
#define TERN_APPS_DRILL_TELLS_H

#include "apps/drill/runner.h"
#include "apps/drill/shell.h"

bool tells_is_one(const shell_command *c);

/* A pipe that begins with one. false: the verdict is given; "fail" when the last grep finds
 * nothing. */
bool tells_run(runner *r, pkt_place place, const shell_command *pipe, size_t count);

/* The connection or listener of a script's descriptor; CLOSED when it has none. false: no such
 * descriptor. */
bool tells_descriptor(const runner *r, unsigned index, tern_status *status);

/* As FreeBSD's tools name it: "TIME_WAIT". */
const char *tells_state(const tern_status *status);

#endif

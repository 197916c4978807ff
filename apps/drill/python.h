/* python.h - python3 for the code that apps/pkt/code.h does not read, when it is there.
 *
 * As packetdrill has it, the code of a script is one program, with the values of each moment in
 * front of each piece, and it runs when the script is over: an assertion cannot ask for what is
 * still to come. It runs with what the user may do, like any program of the user's. */
#ifndef TERN_APPS_DRILL_PYTHON_H
#define TERN_APPS_DRILL_PYTHON_H

#include "apps/drill/runner.h"

/* Notes one piece. values is a piece of Python, "{'tcpi_state': 1, ...}". */
void python_add(runner *r, const pkt_event *event, const char *values);

/* python3 will be asked about all that is noted, for the sake of the statement at a place. */
void python_need(runner *r, pkt_place place, const char *statement, size_t bytes);

/* Runs the program, if it is needed and the verdict is not given yet. */
void python_run(runner *r);

void python_end(runner *r);

#endif

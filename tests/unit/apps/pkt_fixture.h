/* pkt_fixture.h - scripts given as text: parsed, printed, or what is wrong with them. */
#ifndef TERN_TESTS_PKT_FIXTURE_H
#define TERN_TESTS_PKT_FIXTURE_H

#include "apps/pkt/script.h"

/* The script, which must parse; the fixture keeps it until the next call of any of these. */
const pkt_script *pkt_parsed(const char *text);
const pkt_script *pkt_parsed_with(const char *text, const pkt_define *defines, size_t count);

/* The first event of it. */
const pkt_event *pkt_first(const char *text);

/* It printed again. */
const char *pkt_printed(const char *text);

/* "line:column: expected what, found this" or "line:column: why" of a text that must not parse. */
const char *pkt_refused(const char *text);

#endif

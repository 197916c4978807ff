/* ladder_json.h - a recording as JSON lines: one object for each event, in the order of time.
 *
 * The first line is {"event": "ladder", "left": {...}, "right": {...}}, each end being {"name",
 * "kind", "endpoint", "state"}. Every other line has "event", "time_us" and "end" ("left",
 * "right" or "outside": where it happens; of a packet that died, its sender, or from outside the
 * end it was for), and by event:
 *   sent     "packet" (serial), from or to outside "to" and "who"; "bytes", and of a TCP segment:
 *            "source", "destination", "flags" (array of names), "seq" and with the flag ACK "ack"
 *            (both raw), "seq_relative" and
 *            "ack_relative" (once the ISN is known), "window" (raw), "window_scaled", "length",
 *            "again" (all of it was sent before), "options" (object of those there: "mss",
 *            "window_scale", "sack_permitted", "ts_value", "ts_echo", "sack": array of [left,
 *            right]), "checksum_ok". Of ICMP: "icmp_type", "icmp_code", where known "icmp" (its
 *            name) and "mtu", and of an error about a segment "quoted_source",
 *            "quoted_destination", "quoted_seq", "quoted_seq_relative". Of another protocol:
 *            "protocol". Of what cannot be read: "bad" (the name of the rule)
 *   arrived  "packet", "marks": array of "duplicate", "corrupted", "changed" (by a middlebox),
 *            "delayed", "reordered"
 *   died     "packet", "fate": "lost", "queue full", "too big" or "blocked"
 *   state    "from", "to", "cause" ("unknown": of a state that is not known)
 *   rule     "rule" (its name), "text", "source", "teaches" (shown unless verbose), "packet"
 *   caption  "text", "source", "packet"
 *   note     "kind" ("call" or "error"), "text"
 *   full     "left_out": so many events came when the recording was full; the last line
 * The packet of a rule or a caption is the one that its end sent or took last at the same time;
 * absent when there is none. */
#ifndef TERN_DRAW_LADDER_JSON_H
#define TERN_DRAW_LADDER_JSON_H

#include <stdio.h>

#include "draw/ladder.h"
#include "draw/ladder_compare.h"
#include "draw/style.h"

/* Of the style: translate, for the texts. Every decision is written, verbose or not. */
/* The same of one of two runs: every line has "run" besides. */
void ladder_json_print_run(const ladder *l, FILE *out, const draw_style *style, const char *run);

/* Where two runs part, as one line: "event" ("parting"), "parts", "time_us" (an array, null where
 * nothing more happens), "text". */
void ladder_json_print_parting(const ladder_parting *parting, FILE *out);

void ladder_json_print(const ladder *l, FILE *out, const draw_style *style);

#endif

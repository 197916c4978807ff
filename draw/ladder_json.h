/* ladder_json.h - a recording as JSON lines: one object for each event, in the order of time.
 *
 * Fields of every line: "event" ("ladder", "sent", "arrived", "died", "state", "rule", "caption",
 * "note"), "time_us", "end" ("left" or "right").
 *   ladder   first line: "left" and "right", each {"name", "kind", "endpoint", "state"}
 *   sent     "packet" (serial), "bytes", and when it is TCP: "source", "destination", "flags"
 *            (array), "seq", "ack" (with ACK), "seq_relative", "ack_relative" (once the ISN is
 *            known), "window", "window_scaled", "length", "options" (object), "checksum_ok";
 *            when it is ICMP: "icmp_type", "icmp_code"; when it cannot be read: "bad" (rule name)
 *   arrived  "packet", "marks": array of "duplicate", "corrupted", "delayed", "reordered"
 *   died     "packet", "fate": "lost", "queue full", "too big", "blocked"
 *   state    "from", "to", "cause"
 *   rule     "rule", "text", "source", "teaches" (shown by default), "packet" (that it is about)
 *   caption  "text", "source", "packet"
 *   note     "kind" ("call" or "error"), "text"
 * "packet" in rule and caption is the serial of the packet that this end sent or took last at the
 * same time; absent when there is none. */
#ifndef TERN_DRAW_LADDER_JSON_H
#define TERN_DRAW_LADDER_JSON_H

#include <stdio.h>

#include "draw/ladder.h"
#include "draw/style.h"

/* Of the style: translate, for the texts. Every decision is written, verbose or not. */
void ladder_json_print(const ladder *l, FILE *out, const draw_style *style);

#endif

/* print.h - a script as text again, in one form: definitions put in, comments gone. */
#ifndef TERN_APPS_PKT_PRINT_H
#define TERN_APPS_PKT_PRINT_H

#include "apps/pkt/script.h"

#include <stdio.h>

/* The whole script. What it prints parses, and prints the same again. */
void pkt_print(FILE *out, const pkt_script *script);

/* One event, without a line's end. */
void pkt_print_event(FILE *out, const pkt_event *event);

void pkt_print_packet(FILE *out, const pkt_packet *packet);
void pkt_print_tcp_options(FILE *out, const pkt_tcp_options *options);
void pkt_print_call(FILE *out, const pkt_call *call);
void pkt_print_expression(FILE *out, const pkt_expr *expression);

#endif

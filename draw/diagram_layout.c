/* diagram_layout.c - where the states and edges of the state diagram stand.
 *
 * The places are set by hand, in the arrangement of RFC 9293 figure 5; what stands there comes
 * from edges.def. An edge without a place is not lost: it is a row of the table. */
#define _GNU_SOURCE
#include "draw/diagram_layout.h"

#include <stdio.h>
#include <string.h>

static const diagram_box diagram_boxes[] = {
    {TERN_CLOSED, 31, 0, 3, 1},        {TERN_LISTEN, 31, 6, 3, 7},
    {TERN_SYN_RECEIVED, 0, 12, 5, 14}, {TERN_SYN_SENT, 62, 12, 5, 14},
    {TERN_ESTABLISHED, 31, 19, 3, 20}, {TERN_FIN_WAIT_1, 0, 26, 4, 27},
    {TERN_CLOSE_WAIT, 62, 26, 3, 27},  {TERN_FIN_WAIT_2, 0, 33, 3, 34},
    {TERN_CLOSING, 31, 33, 3, 34},     {TERN_LAST_ACK, 62, 33, 3, 34},
    {TERN_TIME_WAIT, 31, 40, 3, 41},   {TERN_CLOSED, 62, 40, 3, 41},
};

#define ROUTE(from, to, cause) TERN_##from, TERN_##to, TERN_CAUSE_##cause

static const diagram_route diagram_routes[] = {
    {ROUTE(CLOSED, LISTEN, PASSIVE_OPEN), 32, 3, 4, DIAGRAM_END, {{34, 2}, {34, 5}}, 2},
    {ROUTE(CLOSED, SYN_SENT, ACTIVE_OPEN),
     49,
     0,
     2,
     DIAGRAM_START,
     {{46, 1}, {70, 1}, {70, 11}},
     3},
    {ROUTE(LISTEN, SYN_RECEIVED, RCV_SYN),
     32,
     10,
     11,
     DIAGRAM_END,
     {{34, 8}, {34, 13}, {16, 13}},
     3},
    {ROUTE(LISTEN, SYN_SENT, SEND), 45, 10, 11, DIAGRAM_START, {{43, 8}, {43, 13}, {61, 13}}, 3},
    {ROUTE(LISTEN, CLOSED, CLOSE), 45, 4, 5, DIAGRAM_START, {{43, 6}, {43, 3}}, 2},
    {ROUTE(SYN_SENT, ESTABLISHED, RCV_SYN_ACK),
     50,
     18,
     19,
     DIAGRAM_START,
     {{67, 16}, {67, 20}, {47, 20}},
     3},
    {ROUTE(SYN_SENT, SYN_RECEIVED, RCV_SYN), 39, 14, 16, DIAGRAM_MIDDLE, {{62, 15}, {16, 15}}, 2},
    {ROUTE(SYN_RECEIVED, ESTABLISHED, RCV_ACK_OF_SYN),
     13,
     19,
     21,
     DIAGRAM_START,
     {{10, 16}, {10, 20}, {30, 20}},
     3},
    {ROUTE(SYN_RECEIVED, FIN_WAIT_1, CLOSE), 6, 22, 23, DIAGRAM_START, {{4, 16}, {4, 25}}, 2},
    {ROUTE(SYN_RECEIVED, LISTEN, RCV_RST), 10, 6, 5, DIAGRAM_START, {{7, 12}, {7, 7}, {30, 7}}, 3},
    {ROUTE(SYN_RECEIVED, LISTEN, RCV_SYN), 10, 8, 9, DIAGRAM_START, {{0, 0}}, 0},
    {ROUTE(ESTABLISHED, FIN_WAIT_1, CLOSE),
     32,
     23,
     24,
     DIAGRAM_END,
     {{34, 21}, {34, 27}, {16, 27}},
     3},
    {ROUTE(ESTABLISHED, CLOSE_WAIT, RCV_FIN),
     45,
     23,
     24,
     DIAGRAM_START,
     {{43, 21}, {43, 27}, {61, 27}},
     3},
    {ROUTE(FIN_WAIT_1, FIN_WAIT_2, RCV_ACK_OF_FIN),
     6,
     30,
     31,
     DIAGRAM_START,
     {{4, 29}, {4, 32}},
     2},
    {ROUTE(FIN_WAIT_1, CLOSING, RCV_FIN),
     36,
     30,
     31,
     DIAGRAM_END,
     {{15, 28}, {38, 28}, {38, 32}},
     3},
    {ROUTE(FIN_WAIT_2, TIME_WAIT, RCV_FIN),
     6,
     39,
     40,
     DIAGRAM_START,
     {{4, 35}, {4, 41}, {30, 41}},
     3},
    {ROUTE(CLOSE_WAIT, LAST_ACK, CLOSE), 68, 30, 31, DIAGRAM_END, {{70, 28}, {70, 32}}, 2},
    {ROUTE(CLOSING, TIME_WAIT, RCV_ACK_OF_FIN), 40, 37, 38, DIAGRAM_START, {{38, 35}, {38, 39}}, 2},
    {ROUTE(LAST_ACK, CLOSED, RCV_ACK_OF_FIN), 68, 37, 38, DIAGRAM_END, {{70, 35}, {70, 39}}, 2},
    {ROUTE(TIME_WAIT, CLOSED, TIMEOUT), 54, 40, 42, DIAGRAM_MIDDLE, {{46, 41}, {61, 41}}, 2},
};

const diagram_box *diagram_box_get(size_t index)
{
    size_t count = sizeof diagram_boxes / sizeof diagram_boxes[0];
    return index < count ? &diagram_boxes[index] : NULL;
}

const diagram_route *diagram_route_get(size_t index)
{
    size_t count = sizeof diagram_routes / sizeof diagram_routes[0];
    return index < count ? &diagram_routes[index] : NULL;
}

const tern_edge_info *diagram_route_edge(const diagram_route *route)
{
    const tern_edge_info *edge;

    for (size_t i = 0; (edge = tern_edge_get(i)) != NULL; i++)
        if (edge->from == route->from && edge->to == route->to && edge->cause == route->cause)
            return edge;
    return NULL;
}

static bool diagram_is_routed(const tern_edge_info *edge)
{
    const diagram_route *route;

    for (size_t i = 0; (route = diagram_route_get(i)) != NULL; i++)
        if (edge->from == route->from && edge->to == route->to && edge->cause == route->cause)
            return true;
    return false;
}

static bool diagram_same_row(const tern_edge_info *a, const tern_edge_info *b)
{
    return a->from == b->from && a->to == b->to && strcmp(a->action, b->action) == 0;
}

/* Is an edge like this one, also in the table, before it in the list? */
static bool diagram_in_row_before(size_t index)
{
    const tern_edge_info *edge = tern_edge_get(index);

    for (size_t i = 0; i < index; i++)
        if (diagram_same_row(tern_edge_get(i), edge) && !diagram_is_routed(tern_edge_get(i)))
            return true;
    return false;
}

bool diagram_row_next(size_t *cursor, diagram_row *row)
{
    const tern_edge_info *edge, *other;
    size_t used = 0;

    while ((edge = tern_edge_get(*cursor)) != NULL &&
           (diagram_is_routed(edge) || diagram_in_row_before(*cursor)))
        (*cursor)++;
    if (edge == NULL)
        return false;
    *row = (diagram_row){.from = edge->from, .to = edge->to, .action = diagram_action(edge)};
    for (size_t i = *cursor; (other = tern_edge_get(i)) != NULL && used < sizeof row->causes; i++)
        if (diagram_same_row(other, edge) && !diagram_is_routed(other))
            used += (size_t)snprintf(row->causes + used, sizeof row->causes - used, "%s%s",
                                     used > 0 ? ", " : "", tern_cause_name(other->cause));
    (*cursor)++;
    return true;
}

char *diagram_row_text(const diagram_row *row, char text[DIAGRAM_CAUSES_BYTES])
{
    bool closed = row->to == TERN_CLOSED;

    snprintf(text, DIAGRAM_CAUSES_BYTES, "%s%s%s%.200s", closed ? "" : "to ",
             closed ? "" : tern_state_name(row->to), closed ? "" : ": ", row->causes);
    return text;
}

const char *diagram_action(const tern_edge_info *edge)
{
    return strcmp(edge->action, "-") == 0 ? "" : edge->action;
}

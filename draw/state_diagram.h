/* state_diagram.h - the state diagram, printed from edges.def by tern_edge_get(). */
#ifndef TERN_DRAW_STATE_DIAGRAM_H
#define TERN_DRAW_STATE_DIAGRAM_H

#include <stdio.h>

#include "draw/style.h"

/* In the spirit of RFC 9293 figure 5: boxes, labelled edges, and under it a table of the edges
 * that lead back to CLOSED (RST, ABORT, timeout) and of all that the figure has no room for. */
void state_diagram_text(FILE *out, const draw_style *style);

/* The same as a self-contained SVG. Of the style: translate. */
void state_diagram_svg(FILE *out, const draw_style *style);

/* The same for Graphviz. */
void state_diagram_dot(FILE *out);

#endif

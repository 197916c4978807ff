/* teaching.h - which decisions a picture shows when it is not told to show all. */
#ifndef TERN_DRAW_TEACHING_H
#define TERN_DRAW_TEACHING_H

#include "tern/tern.h"

bool teaching_rule(tern_rule rule);

#endif

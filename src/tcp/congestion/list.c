/* list.c - the congestion controls built in. */
#include "tcp/congestion/list.h"

const tern_congestion *tern_congestion_list(size_t index)
{
    size_t at = 0;

#define CONGESTION(name)                                                                           \
    if (index == at++)                                                                             \
        return &congestion_##name;
#include "tcp/congestion/list.def"
#undef CONGESTION
    return NULL;
}

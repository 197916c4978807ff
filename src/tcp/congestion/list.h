/* list.h - the congestion controls built in. */
#ifndef TERN_TCP_CONGESTION_LIST_H
#define TERN_TCP_CONGESTION_LIST_H

#include "tern/congestion.h"

#define CONGESTION(name) extern const tern_congestion congestion_##name;
#include "tcp/congestion/list.def"
#undef CONGESTION

#endif

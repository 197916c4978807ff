/* option_names.h - the options that a script may begin with. */
#ifndef TERN_APPS_PKT_OPTION_NAMES_H
#define TERN_APPS_PKT_OPTION_NAMES_H

#include <stdbool.h>

/* Has one of the dialects --name? Then *value_wanted says whether it takes a value. */
bool pkt_option_known(const char *name, bool *value_wanted);

#endif

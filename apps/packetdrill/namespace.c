/* namespace.c - see namespace.h. */
#include "apps/packetdrill/namespace.h"

#include <stdio.h>
#include <string.h>

#define NAMESPACE_FOLDER "/proc/sys/net/ipv4/"

enum { NAMESPACE_VALUE_BYTES = 128 };

static bool namespace_value(const char *name, char value[NAMESPACE_VALUE_BYTES])
{
    char path[128];

    (void)snprintf(path, sizeof path, NAMESPACE_FOLDER "%s", name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    bool read = fgets(value, NAMESPACE_VALUE_BYTES, file) != NULL;
    (void)fclose(file);
    value[read ? strcspn(value, "\n") : 0] = '\0';
    return read;
}

void namespace_read(tern_config *config, system_fast_open *fast_open, bool tell)
{
    char value[NAMESPACE_VALUE_BYTES];
    const char *name, *why = NULL;

    for (size_t i = 0; (name = system_linux_sysctl(i)) != NULL; i++) {
        bool read = namespace_value(name, value);
        if (read && system_sysctl(config, fast_open, name, value, &why) != SYSTEM_REFUSED)
            continue;
        if (tell && read)
            (void)fprintf(stderr, "libtern_packetdrill: %s: %s, not %s\n", name, why, value);
        else if (tell)
            (void)fprintf(stderr, "libtern_packetdrill: " NAMESPACE_FOLDER "%s: cannot be read\n",
                          name);
    }
}

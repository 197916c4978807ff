/* namespace.c - see namespace.h. */
#include "apps/packetdrill/namespace.h"

#include "tern/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMESPACE_FOLDER "/proc/sys/net/ipv4/"

enum {
    NAMESPACE_VALUE_BYTES = 128,
    NAMESPACE_LINEAR_SYNS = 4, /* tcp_syn_linear_timeouts: retries beside tcp_syn_retries */
    NAMESPACE_ORPHAN_RETRIES = 8,
};

typedef enum namespace_kind {
    NAMESPACE_NUMBER,
    NAMESPACE_FLAG, /* yes for anything but 0 */
    NAMESPACE_SECONDS,
    NAMESPACE_SYNS,
    NAMESPACE_ORPHANS, /* 0 for NAMESPACE_ORPHAN_RETRIES */
    NAMESPACE_DEFAULT, /* the second of three numbers: least, default, most */
    NAMESPACE_MOST,    /* the third */
} namespace_kind;

typedef struct namespace_sysctl {
    const char *name;
    namespace_kind kind;
    const char *key; /* of the profiles */
} namespace_sysctl;

static const namespace_sysctl sysctls[] = {
    {"tcp_timestamps", NAMESPACE_FLAG, "timestamps"},
    {"tcp_sack", NAMESPACE_FLAG, "sack"},
    {"tcp_window_scaling", NAMESPACE_FLAG, "window_scale"},
    {"tcp_rfc1337", NAMESPACE_FLAG, "time_wait_ignores_rst"},
    {"tcp_rmem", NAMESPACE_DEFAULT, "recv_buffer_bytes"},
    {"tcp_rmem", NAMESPACE_MOST, "wscale_buffer_bytes"},
    {"tcp_wmem", NAMESPACE_DEFAULT, "send_buffer_bytes"},
    {"tcp_syn_retries", NAMESPACE_SYNS, "syn_schedule.retries_max"},
    {"tcp_synack_retries", NAMESPACE_NUMBER, "syn_ack_schedule.retries_max"},
    {"tcp_retries2", NAMESPACE_NUMBER, "data_schedule.retries_max"},
    {"tcp_orphan_retries", NAMESPACE_ORPHANS, "orphan_schedule.retries_max"},
    {"tcp_keepalive_time", NAMESPACE_SECONDS, "keep_idle_ms"},
    {"tcp_keepalive_intvl", NAMESPACE_SECONDS, "keep_interval_ms"},
    {"tcp_keepalive_probes", NAMESPACE_NUMBER, "keep_count"},
    {"tcp_fin_timeout", NAMESPACE_SECONDS, "fin_wait_2_ms"},
};

static bool namespace_apply(tern_config *config, const namespace_sysctl *s, const char *value,
                            const char **why)
{
    unsigned long n[3] = {0, 0, 0};
    bool of_three = s->kind == NAMESPACE_DEFAULT || s->kind == NAMESPACE_MOST;
    char text[24];

    *why = of_three ? "three numbers" : "a number";
    if (sscanf(value, "%lu %lu %lu", &n[0], &n[1], &n[2]) < (of_three ? 3 : 1))
        return false;
    switch (s->kind) {
    case NAMESPACE_FLAG:
        return tern_profile_key_set(config, s->key, n[0] != 0 ? "yes" : "no", why) == TERN_OK;
    case NAMESPACE_SECONDS:
        n[0] *= 1000;
        break;
    case NAMESPACE_SYNS:
        n[0] += NAMESPACE_LINEAR_SYNS;
        break;
    case NAMESPACE_ORPHANS:
        n[0] = n[0] == 0 ? NAMESPACE_ORPHAN_RETRIES : n[0];
        break;
    case NAMESPACE_DEFAULT:
        n[0] = n[1];
        break;
    case NAMESPACE_MOST:
        n[0] = n[2];
        break;
    case NAMESPACE_NUMBER:
        break;
    }
    (void)snprintf(text, sizeof text, "%lu", n[0]);
    return tern_profile_key_set(config, s->key, text, why) == TERN_OK;
}

bool namespace_set(tern_config *config, const char *name, const char *value, const char **why)
{
    for (size_t i = 0; i < sizeof sysctls / sizeof sysctls[0]; i++)
        if (strcmp(sysctls[i].name, name) == 0 && !namespace_apply(config, &sysctls[i], value, why))
            return false;
    return true;
}

void namespace_read(tern_config *config)
{
    char path[128], value[NAMESPACE_VALUE_BYTES];
    const char *why = NULL;

    for (size_t i = 0; i < sizeof sysctls / sizeof sysctls[0]; i++) {
        (void)snprintf(path, sizeof path, NAMESPACE_FOLDER "%s", sysctls[i].name);
        FILE *file = fopen(path, "r");
        bool read = file != NULL && fgets(value, sizeof value, file) != NULL;
        if (file != NULL)
            (void)fclose(file);
        value[read ? strcspn(value, "\n") : 0] = '\0';
        if (!read)
            (void)fprintf(stderr, "libtern_packetdrill: %s: cannot be read\n", path);
        else if (!namespace_apply(config, &sysctls[i], value, &why))
            (void)fprintf(stderr, "libtern_packetdrill: %s: %s expected, not %s\n", path, why,
                          value);
    }
}

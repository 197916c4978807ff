/* sysctls.c - see sysctls.h. */
#include "apps/packetdrill/sysctls.h"

#include "tern/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYSCTLS_FOLDER "/proc/sys/net/ipv4/"

enum { SYSCTLS_VALUE_BYTES = 64 };

typedef enum sysctl_kind {
    SYSCTL_NUMBER,
    SYSCTL_SYN_RETRIES, /* beside the retries of tcp_syn_linear_timeouts, 4 */
    SYSCTL_YES_NO,      /* anything but 0 is yes */
    SYSCTL_SECONDS,
    SYSCTL_DEFAULT, /* the second of three numbers: least, default, most */
    SYSCTL_MOST,    /* the third */
} sysctl_kind;

typedef struct sysctl {
    const char *name;
    sysctl_kind kind;
    const char *key;
} sysctl;

static const sysctl sysctls[] = {
    {"tcp_timestamps", SYSCTL_YES_NO, "timestamps"},
    {"tcp_sack", SYSCTL_YES_NO, "sack"},
    {"tcp_window_scaling", SYSCTL_YES_NO, "window_scale"},
    {"tcp_rfc1337", SYSCTL_YES_NO, "time_wait_ignores_rst"},
    {"tcp_rmem", SYSCTL_DEFAULT, "recv_buffer_bytes"},
    {"tcp_rmem", SYSCTL_MOST, "wscale_buffer_bytes"},
    {"tcp_wmem", SYSCTL_DEFAULT, "send_buffer_bytes"},
    {"tcp_syn_retries", SYSCTL_SYN_RETRIES, "syn_schedule.retries_max"},
    {"tcp_synack_retries", SYSCTL_NUMBER, "syn_ack_schedule.retries_max"},
    {"tcp_retries2", SYSCTL_NUMBER, "data_schedule.retries_max"},
    {"tcp_keepalive_time", SYSCTL_SECONDS, "keep_idle_ms"},
    {"tcp_keepalive_intvl", SYSCTL_SECONDS, "keep_interval_ms"},
    {"tcp_keepalive_probes", SYSCTL_NUMBER, "keep_count"},
    {"tcp_fin_timeout", SYSCTL_SECONDS, "fin_wait_2_ms"},
};

static bool sysctl_apply(tern_config *config, const sysctl *s, const char *value, const char **why)
{
    unsigned long n[3] = {0, 0, 0};
    int count = sscanf(value, "%lu %lu %lu", &n[0], &n[1], &n[2]);
    char text[24];

    *why = "a number";
    if (count < (s->kind == SYSCTL_DEFAULT || s->kind == SYSCTL_MOST ? 3 : 1))
        return false;
    switch (s->kind) {
    case SYSCTL_YES_NO:
        return tern_profile_key_set(config, s->key, n[0] != 0 ? "yes" : "no", why) == TERN_OK;
    case SYSCTL_SECONDS:
        n[0] *= 1000;
        break;
    case SYSCTL_SYN_RETRIES:
        n[0] += 4;
        break;
    case SYSCTL_DEFAULT:
        n[0] = n[1];
        break;
    case SYSCTL_MOST:
        n[0] = n[2];
        break;
    case SYSCTL_NUMBER:
        break;
    }
    (void)snprintf(text, sizeof text, "%lu", n[0]);
    return tern_profile_key_set(config, s->key, text, why) == TERN_OK;
}

bool sysctls_set(tern_config *config, const char *name, const char *value, const char **why)
{
    for (size_t i = 0; i < sizeof sysctls / sizeof sysctls[0]; i++)
        if (strcmp(sysctls[i].name, name) == 0 && !sysctl_apply(config, &sysctls[i], value, why))
            return false;
    return true;
}

void sysctls_read(tern_config *config)
{
    char path[128], value[SYSCTLS_VALUE_BYTES];
    const char *why = "a file that can be read";

    for (size_t i = 0; i < sizeof sysctls / sizeof sysctls[0]; i++) {
        (void)snprintf(path, sizeof path, SYSCTLS_FOLDER "%s", sysctls[i].name);
        FILE *file = fopen(path, "r");
        bool read = file != NULL && fgets(value, sizeof value, file) != NULL;
        if (file != NULL)
            (void)fclose(file);
        if (!read || !sysctl_apply(config, &sysctls[i], value, &why))
            (void)fprintf(stderr, "libtern_packetdrill: %s: expected %s\n", path, why);
    }
}

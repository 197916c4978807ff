/* so_flags.c - see so_flags.h. */
#include "apps/drill/so_flags.h"

#include "tern/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLAGS_PART_BYTES = 512, FLAGS_SETTINGS_MAX = 64, FLAGS_KEY_OCTET = 7 };

static bool flags_wrong(char error[SO_FLAGS_ERROR_BYTES], const char *part, const char *expected)
{
    (void)snprintf(error, SO_FLAGS_ERROR_BYTES, "--so_flags: '%.80s': expected %.140s", part,
                   expected);
    return false;
}

static bool flags_mtu(so_flags *f, const char *value)
{
    char *end;
    unsigned long mtu_bytes = strtoul(value, &end, 10);

    if (*end != '\0' || end == value || mtu_bytes > TERN_MTU_MAX_BYTES)
        return false;
    f->config.mtu_bytes = (uint32_t)mtu_bytes;
    return true;
}

static bool flags_local(so_flags *f, const char *value)
{
    tern_config *c = &f->config;

    if (c->address_count == TERN_ADDRESSES_MAX ||
        !tern_address_parse(value, &c->addresses[c->address_count]))
        return false;
    c->address_count++;
    return true;
}

/* One part, cut at its '='. The profile was looked at before. */
static bool flags_take(so_flags *f, const char *name, const char *value,
                       char error[SO_FLAGS_ERROR_BYTES])
{
    const char *why = NULL;

    if (strcmp(name, "profile") == 0)
        return true;
    if (strncmp(name, "set ", 4) == 0)
        return tern_profile_key_set(&f->config, name + 4, value, &why) == TERN_OK ||
               flags_wrong(error, name, why);
    if (strcmp(name, "mtu") == 0)
        return flags_mtu(f, value) || flags_wrong(error, value, "octets of an IP packet");
    if (strcmp(name, "local") == 0)
        return flags_local(f, value) || flags_wrong(error, value, "an address, at most 8 of them");
    bool *flag = strcmp(name, "sysctl") == 0    ? &f->sysctls
                 : strcmp(name, "offload") == 0 ? &f->offload
                 : strcmp(name, "shell") == 0   ? &f->shell
                                                : NULL;
    if (flag == NULL)
        return flags_wrong(error, name,
                           "profile, mtu, local, sysctl, shell, offload or 'set KEY', then =VALUE");
    *flag = strcmp(value, "yes") == 0;
    if (flag == &f->offload)
        f->pushes = *flag;
    if (flag == &f->sysctls && *flag)
        f->shell = true; /* nobody else sets them */
    return *flag || strcmp(value, "no") == 0 || flags_wrong(error, value, "yes or no");
}

/* The next part of text, up to a comma that a name and '=' follow: a value may have commas. */
static size_t flags_part(const char *text)
{
    size_t bytes = strcspn(text, ",");

    while (text[bytes] == ',') {
        size_t next = strcspn(text + bytes + 1, ",=");
        if (text[bytes + 1 + next] == '=')
            break;
        bytes += 1 + next;
    }
    return bytes;
}

/* Every part with this name first (true), or every part (false). */
static bool flags_parts(so_flags *f, const char *text, bool profile,
                        char error[SO_FLAGS_ERROR_BYTES])
{
    char part[FLAGS_PART_BYTES];

    while (*text != '\0') {
        size_t bytes = flags_part(text);
        if (bytes >= sizeof part)
            return flags_wrong(error, text, "something shorter");
        memcpy(part, text, bytes);
        part[bytes] = '\0';
        text += bytes + (text[bytes] == ',');
        char *value = strchr(part, '=');
        if (value == NULL)
            return flags_wrong(error, part, "NAME=VALUE");
        *value++ = '\0';
        tern_profile which;
        if (!profile) {
            if (!flags_take(f, part, value, error))
                return false;
        } else if (strcmp(part, "profile") == 0) {
            if (!tern_profile_find(value, &which))
                return flags_wrong(error, value, "rfc9293, linux or freebsd");
            f->pushes = which == TERN_PROFILE_LINUX;
            if (!f->profile_fixed)
                (void)tern_config_profile(&f->config, which);
        }
    }
    return true;
}

void so_flags_init(so_flags *f)
{
    *f = (so_flags){.offload = true, .pushes = true};
    tern_config_init(&f->config);
    (void)tern_config_profile(&f->config, TERN_PROFILE_LINUX);
    memset(f->config.key, FLAGS_KEY_OCTET, sizeof f->config.key); /* each run as the one before */
    f->config.details = true;                                     /* for struct tcp_info */
    f->config.settings_max = FLAGS_SETTINGS_MAX;
}

bool so_flags_take(so_flags *f, const char *text, char error[SO_FLAGS_ERROR_BYTES])
{
    return flags_parts(f, text, true, error) && flags_parts(f, text, false, error);
}

bool so_flags_parse(so_flags *f, const char *text, char error[SO_FLAGS_ERROR_BYTES])
{
    const char *why = NULL;

    so_flags_init(f);
    if (text != NULL && !so_flags_take(f, text, error))
        return false;
    if (f->config.address_count == 0) {
        (void)flags_local(f, "192.168.0.1");
        (void)flags_local(f, "fd3d:fa7b:d17d::1");
    }
    if (tern_size(&f->config, &why) > 0)
        return true;
    (void)snprintf(error, SO_FLAGS_ERROR_BYTES, "--so_flags: %s", why);
    return false;
}

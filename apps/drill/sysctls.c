/* sysctls.c - see sysctls.h. What they mean is in system.c; one that is not there, or whose value
 * tern has not, makes the verdict "unsupported". */
#include "apps/drill/sysctls.h"
#include "apps/tern/i18n.h"

#include "tern/profile.h"

#include <string.h>

bool sysctls_unsupported(runner *r, pkt_place place, const char *what, const char *which)
{
    runner_verdict(r, DRILL_UNSUPPORTED, place, "%s: %s", _(what), which);
    return false;
}

/* net.ipv4.tcp_ecn, net.inet.tcp.ecn.enable: the same numbers. */
static bool sysctls_ecn(runner *r, pkt_place place, const char *name, const char *value)
{
    if (strlen(value) == 1 && value[0] >= '0' && value[0] <= '2')
        r->system.ecn = (runner_ecn)(value[0] - '0');
    else
        runner_verdict(r, DRILL_UNSUPPORTED, place, "%s: %s, not %s", name, "0 .. 2", value);
    return !r->over;
}

bool sysctls_set(runner *r, pkt_place place, const char *name, const char *value)
{
    const char *why = NULL, *bare = system_bare(name);

    if (strcmp(bare, "ecn.enable") == 0 || strcmp(bare, "tcp_ecn") == 0)
        return sysctls_ecn(r, place, name, value);
    switch (system_sysctl(&r->options.config, &r->system.fast_open, name, value, &why)) {
    case SYSTEM_SET:
        return true;
    case SYSTEM_FORGET:
        system_forget_servers(&r->subject);
        return true;
    case SYSTEM_UNKNOWN:
        return sysctls_unsupported(r, place, N_("the sysctl"), name);
    case SYSTEM_REFUSED:
        break;
    }
    runner_verdict(r, DRILL_UNSUPPORTED, place, "%s: %s, not %s", name, why, value);
    return false;
}

bool sysctls_take_effect(runner *r, pkt_place place)
{
    if (r->subject.stack == NULL) /* it will be made of them */
        return true;
    if (!system_fast_open_begin(&r->subject, &r->system.fast_open))
        return sysctls_unsupported(r, place, "tcp_fastopen_key", "?");
    if (memcmp(&r->subject.config, &r->options.config, sizeof r->subject.config) == 0)
        return true;
    r->subject.config = r->options.config;
    if (tern_profile_change(r->subject.stack, r->subject.now_us, &r->subject.config) == TERN_OK)
        return true;
    return sysctls_unsupported(r, place, N_("a setting that changes on the way"), "sysctl");
}

/* plugin.c - libtern_packetdrill.so: tern behind packetdrill's --so_filename. */
#define _GNU_SOURCE
#include "apps/packetdrill/plugin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct plugin {
    machine *machine;
    int first_descriptor;
} plugin;

/* packetdrill has one interface at a time. */
static plugin the_plugin;

static void plugin_free(void *userdata)
{
    interpose_set(NULL, 0);
    machine_free(userdata);
    descriptors_release(the_plugin.first_descriptor);
    the_plugin = (plugin){NULL, 0};
}

static int plugin_netdev_send(void *userdata, const void *packet, size_t bytes)
{
    machine_inject(userdata, packet, bytes);
    return 0;
}

static int plugin_netdev_receive(void *userdata, void *packet, size_t *bytes, long long *time_us)
{
    tern_time sent_us;

    *bytes = machine_until_packet(userdata, packet, *bytes, &sent_us);
    *time_us = (long long)sent_us;
    return 0;
}

static int plugin_usleep(void *userdata, useconds_t us)
{
    machine_pass(userdata, us);
    return 0;
}

static int plugin_gettimeofday(void *userdata, struct timeval *now, struct timezone *zone)
{
    tern_time now_us = machine_clock(userdata);

    now->tv_sec = (time_t)(now_us / 1000000);
    now->tv_usec = (suseconds_t)(now_us % 1000000);
    if (zone != NULL)
        *zone = (struct timezone){0, 0};
    return 0;
}

static void plugin_refuse(const char *what)
{
    (void)fprintf(stderr, "libtern_packetdrill: %s\n", what);
    exit(EXIT_FAILURE);
}

void packetdrill_interface_init(const char *flags_text, struct packetdrill_interface *interface)
{
    char error[SO_FLAGS_ERROR_BYTES];
    so_flags f;

    if (the_plugin.machine != NULL)
        plugin_refuse("one interface at a time: call free first");
    if (!so_flags_parse(&f, flags_text, error))
        plugin_refuse(error);
    the_plugin.first_descriptor = descriptors_reserve();
    if (the_plugin.first_descriptor < 0)
        plugin_refuse("no descriptor numbers left: raise the limit (ulimit -n)");
    the_plugin.machine = machine_new(&f, the_plugin.first_descriptor);
    if (the_plugin.machine == NULL)
        plugin_refuse("no memory");
    interpose_set(the_plugin.machine, the_plugin.first_descriptor);
    slots_fill(interface);
    interface->userdata = the_plugin.machine;
    interface->free = plugin_free;
    interface->netdev_send = plugin_netdev_send;
    interface->netdev_receive = plugin_netdev_receive;
    interface->usleep = plugin_usleep;
    interface->gettimeofday = plugin_gettimeofday;
}

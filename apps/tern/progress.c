/* progress.c - percent, bar, octets, rate, time left. */
#define _GNU_SOURCE
#include "apps/tern/progress.h"

#include <string.h>
#include <sys/ioctl.h>

enum {
    PROGRESS_INTERVAL_US = 200000,
    PROGRESS_TEXT_COLUMNS = 48, /* all but the bar, at most */
    PROGRESS_BAR_MAX = 60,
};

void progress_begin(progress *p, FILE *out, tern_time now_us)
{
    *p = (progress){.out = out, .start_us = now_us, .next_us = now_us + PROGRESS_INTERVAL_US};
}

const char *progress_size(double octets, char text[PROGRESS_SIZE_BYTES])
{
    static const char units[][3] = {"B", "kB", "MB", "GB", "TB", "PB"};
    size_t unit = 0;

    while (octets >= 999.5 && unit + 1 < sizeof units / sizeof units[0]) {
        octets /= 1000;
        unit++;
    }
    int decimals = unit == 0 || octets >= 99.95 ? 0 : octets >= 9.995 ? 1 : 2;
    double scale = decimals == 2 ? 100 : decimals == 1 ? 10 : 1;
    unsigned parts = (unsigned)(octets < 9999 ? octets * scale + 0.5 : 9999);
    if (decimals == 0)
        (void)snprintf(text, PROGRESS_SIZE_BYTES, "%u %s", parts, units[unit]);
    else
        (void)snprintf(text, PROGRESS_SIZE_BYTES, "%u.%0*u %s", parts / (unsigned)scale, decimals,
                       parts % (unsigned)scale, units[unit]);
    return text;
}

static size_t progress_bar_columns(const progress *p)
{
    struct winsize window = {0};
    size_t columns = 80;

    if (ioctl(fileno(p->out), TIOCGWINSZ, &window) == 0 && window.ws_col > 0)
        columns = window.ws_col;
    if (columns <= PROGRESS_TEXT_COLUMNS)
        return 0;
    columns -= PROGRESS_TEXT_COLUMNS;
    return columns < PROGRESS_BAR_MAX ? columns : PROGRESS_BAR_MAX;
}

static void progress_draw(progress *p, tern_time now_us, uint64_t octets, uint64_t total)
{
    char done[PROGRESS_SIZE_BYTES], all[PROGRESS_SIZE_BYTES], rate[PROGRESS_SIZE_BYTES];
    char bar[PROGRESS_BAR_MAX + 1];
    double seconds = (double)(now_us - p->start_us) / 1e6;
    double per_second = seconds > 0 ? (double)octets / seconds : 0;

    (void)progress_size((double)octets, done);
    (void)progress_size(per_second, rate);
    p->drawn = true;
    if (total == 0) {
        (void)fprintf(p->out, "\r%s  %s/s\033[K", done, rate);
        (void)fflush(p->out);
        return;
    }
    size_t columns = progress_bar_columns(p);
    size_t full = (size_t)((double)octets / (double)total * (double)columns);
    memset(bar, '.', sizeof bar);
    memset(bar, '#', full < columns ? full : columns);
    bar[columns] = '\0';
    double left = per_second > 0 ? (double)(total - octets) / per_second : 0;
    unsigned whole = left < 86400 ? (unsigned)(left + 0.5) : 86400;
    (void)fprintf(p->out, "\r%3u%% %s %s/%s  %s/s  %u:%02u\033[K",
                  (unsigned)((double)octets * 100 / (double)total), bar, done,
                  progress_size((double)total, all), rate, whole / 60, whole % 60);
    (void)fflush(p->out);
}

void progress_show(progress *p, tern_time now_us, uint64_t octets, uint64_t total)
{
    if (p->out == NULL || now_us < p->next_us)
        return;
    p->next_us = now_us + PROGRESS_INTERVAL_US;
    progress_draw(p, now_us, octets, total);
}

void progress_end(progress *p, tern_time now_us, uint64_t octets, uint64_t total)
{
    if (p->out == NULL)
        return;
    progress_draw(p, now_us, octets, total);
    (void)fputc('\n', p->out);
    p->out = NULL;
}

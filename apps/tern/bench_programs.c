/* bench_programs.c - finds, runs and reads the benchmark programs. */
#define _GNU_SOURCE
#include "apps/tern/bench_programs.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_BYTES = 8192, TIME_BYTES = 16 };

extern char **environ;

/* Reads all of fd into text, up to its size, with a NUL. */
static void bench_read_all(int fd, char text[OUTPUT_BYTES])
{
    size_t bytes = 0;
    ssize_t got;
    while (bytes < OUTPUT_BYTES - 1 && (got = read(fd, text + bytes, OUTPUT_BYTES - 1 - bytes)) > 0)
        bytes += (size_t)got;
    text[bytes] = '\0';
}

/* Runs the words and gives their standard output. false: could not, or not with status 0. */
static bool bench_output(char *const words[], char text[OUTPUT_BYTES])
{
    posix_spawn_file_actions_t actions;
    int ends[2], status = 0;
    pid_t child;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    bool spawned = posix_spawn_file_actions_init(&actions) == 0;
    if (spawned) {
        spawned = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO) == 0 &&
                  posix_spawn(&child, words[0], &actions, NULL, words, environ) == 0;
        (void)posix_spawn_file_actions_destroy(&actions);
    }
    (void)close(ends[1]);
    if (spawned)
        bench_read_all(ends[0], text);
    (void)close(ends[0]);
    return spawned && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

/* Lines of "name<TAB>text", and perhaps a tab and "on request". */
static bool bench_rows_read(bench_program *program, char *text)
{
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) != NULL && *line != '\0';) {
        const char *tab = strchr(line, '\t');
        if (tab == NULL || program->row_count == BENCH_ROWS_MAX)
            return false;
        bench_row *row = &program->rows[program->row_count++];
        (void)snprintf(row->name, sizeof row->name, "%.*s", (int)(tab - line), line);
        const char *end = strchrnul(tab + 1, '\t');
        (void)snprintf(row->text, sizeof row->text, "%.*s", (int)(end - tab - 1), tab + 1);
        row->on_request = *end == '\t';
    }
    return program->row_count > 0;
}

bool bench_program_find(bench_program *program, const char *name)
{
    static const char *const places[] = {"", "../libexec/tern/"};
    char self[PATH_MAX], text[OUTPUT_BYTES], list[] = "--list";
    ssize_t bytes = readlink("/proc/self/exe", self, sizeof self - 1);

    memset(program, 0, sizeof *program);
    if (bytes <= 0)
        return true;
    self[bytes] = '\0';
    *(strrchr(self, '/') + 1) = '\0';
    for (size_t i = 0; i < sizeof places / sizeof places[0] && !program->found; i++) {
        int written = snprintf(program->path, PATH_MAX, "%s%s%s", self, places[i], name);
        program->found = written > 0 && written < PATH_MAX && access(program->path, X_OK) == 0;
    }
    if (!program->found)
        return true;
    char *words[] = {program->path, list, NULL};
    return bench_output(words, text) && bench_rows_read(program, text);
}

const bench_row *bench_program_row(const bench_program *program, const char *name)
{
    for (size_t i = 0; i < program->row_count; i++)
        if (strcmp(program->rows[i].name, name) == 0)
            return &program->rows[i];
    return NULL;
}

/* Adds a value to the series of that name; false when there is no room for it. */
static bool bench_sample(bench_samples *samples, const char *name, size_t name_bytes, double value)
{
    bench_series *series = samples->series;
    bench_series *end = series + samples->series_count;

    while (series < end &&
           !(strlen(series->name) == name_bytes && memcmp(series->name, name, name_bytes) == 0))
        series++;
    if (series == end) {
        if (samples->series_count == BENCH_KEYS_MAX || name_bytes >= BENCH_NAME_BYTES)
            return false;
        samples->series_count++;
        (void)snprintf(series->name, sizeof series->name, "%.*s", (int)name_bytes, name);
    }
    if (series->count == BENCH_ROUNDS_MAX)
        return false;
    series->values[series->count++] = value;
    return true;
}

/* Reads {"name":value,...}: each value a string without escapes, of which only "stack" is kept,
 * or a number. */
static bool bench_line_read(bench_program *program, const char *line, bench_samples *samples)
{
    const char *at = line;

    if (*at++ != '{')
        return false;
    while (*at == '"') {
        const char *name = at + 1;
        const char *quote = strchr(name, '"');
        if (quote == NULL || quote[1] != ':')
            return false;
        at = quote + 2;
        if (*at == '"') {
            const char *close = strchr(at + 1, '"');
            if (close == NULL)
                return false;
            if (strncmp(name, "stack\"", 6) == 0)
                (void)snprintf(program->stack, sizeof program->stack, "%.*s", (int)(close - at - 1),
                               at + 1);
            at = close + 1;
        } else {
            char *end;
            double value = strtod(at, &end);
            if (end == at || !bench_sample(samples, name, (size_t)(quote - name), value))
                return false;
            at = end;
        }
        if (*at == ',')
            at++;
    }
    return *at == '}';
}

bool bench_program_run(bench_program *program, const char *row, uint32_t time_ms,
                       bench_samples *samples)
{
    char text[OUTPUT_BYTES], name[BENCH_NAME_BYTES], time[TIME_BYTES];
    char option_row[] = "--row", option_ms[] = "--ms";
    char *words[] = {program->path, option_row, name, option_ms, time, NULL};

    (void)snprintf(name, sizeof name, "%s", row);
    (void)snprintf(time, sizeof time, "%u", time_ms);
    return bench_output(words, text) && bench_line_read(program, text, samples);
}

static int bench_compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

const bench_series *bench_series_of(const bench_samples *samples, const char *name)
{
    for (size_t i = 0; i < samples->series_count; i++)
        if (strcmp(samples->series[i].name, name) == 0)
            return &samples->series[i];
    return NULL;
}

double bench_median_of(const double *values, uint32_t count)
{
    double sorted[BENCH_ROUNDS_MAX];

    memcpy(sorted, values, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, bench_compare);
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

bool bench_median(const bench_samples *samples, const char *name, double *median)
{
    const bench_series *series = bench_series_of(samples, name);

    *median = series != NULL ? bench_median_of(series->values, series->count) : 0;
    return series != NULL;
}

double bench_spread(const bench_samples *samples, const char *name)
{
    const bench_series *series = bench_series_of(samples, name);
    double median;

    if (!bench_median(samples, name, &median) || median <= 0)
        return 0;
    double least = series->values[0], most = least;
    for (uint32_t i = 1; i < series->count; i++) {
        least = series->values[i] < least ? series->values[i] : least;
        most = series->values[i] > most ? series->values[i] : most;
    }
    return (most - least) / median;
}

/* driver.c - runs a fuzz target without libFuzzer: the corpus, then seeded mutations of it.
 *
 *     fuzz-NAME [--runs=N] [--seconds=N] [--seed=N] [FILE | FOLDER]...
 *
 * Every file is run once as it is; then inputs are made from them, each by a few random edits, up
 * to N runs or N seconds, whichever ends first (without --runs: none). The same seed and the same
 * corpus make the same inputs, with any compiler. The input that runs is kept: when the target
 * dies, by a sanitizer or by a signal, it is written to fuzz-NAME.crash, to be given as FILE. */
#define _GNU_SOURCE
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>

enum {
    INPUT_MAX_BYTES = 65536,
    CORPUS_MAX_FILES = 4096,
    EDITS_MAX = 8, /* of one input */
    PATH_BYTES = 4096,
};

typedef struct input {
    uint8_t *data;
    size_t bytes;
} input;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static input corpus[CORPUS_MAX_FILES];
static size_t corpus_files;
static uint8_t *current; /* an allocation of its own for each run, so that ASan sees its end */
static size_t current_bytes;
static uint64_t rng_state;
static char crash_path[PATH_BYTES];

static void save_current(void)
{
    int file = open(crash_path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0)
        return;
    if (write(file, current, current_bytes) == (ssize_t)current_bytes)
        fprintf(stderr, "fuzz: the input (%zu octets) is in %s\n", current_bytes, crash_path);
    close(file);
}

static void on_signal(int number)
{
    signal(number, SIG_DFL);
    save_current();
    raise(number);
}

static void run(const uint8_t *data, size_t bytes)
{
    current = malloc(bytes > 0 ? bytes : 1);
    if (current == NULL)
        exit(EXIT_FAILURE);
    if (bytes > 0)
        memcpy(current, data, bytes);
    current_bytes = bytes;
    LLVMFuzzerTestOneInput(current, bytes);
    free(current);
    current = NULL;
    current_bytes = 0;
}

/* ---- The corpus -------------------------------------------------------------------------- */

static void add_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || corpus_files == CORPUS_MAX_FILES) {
        fprintf(stderr, "fuzz: cannot read %s\n", path);
        exit(EXIT_FAILURE);
    }
    uint8_t *data = malloc(INPUT_MAX_BYTES);
    if (data == NULL)
        exit(EXIT_FAILURE);
    corpus[corpus_files++] = (input){data, fread(data, 1, INPUT_MAX_BYTES, file)};
    fclose(file);
}

static void add_folder(const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char path[PATH_BYTES];
        if (entries[i]->d_name[0] != '.' &&
            snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name) < PATH_BYTES)
            add_file(path);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

/* ---- Mutation ---------------------------------------------------------------------------- */

/* splitmix64: any seed will do. */
static uint64_t rng_next(void)
{
    uint64_t z = (rng_state += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

/* 0 .. limit - 1; 0 for a limit of 0. */
static size_t rng_below(size_t limit)
{
    return limit == 0 ? 0 : (size_t)(rng_next() % limit);
}

/* The octets at which length fields and sequence numbers go wrong. */
static const uint8_t edges[] = {0x00, 0x01, 0x02, 0x04, 0x05, 0x0f, 0x45, 0x7f, 0x80, 0xfe, 0xff};

static size_t edit(uint8_t *data, size_t bytes)
{
    size_t at = rng_below(bytes);
    size_t run_bytes = 1 + rng_below(16);
    const input *other = &corpus[rng_below(corpus_files)];

    switch (rng_below(7)) {
    case 0: /* flip one bit */
        if (bytes > 0)
            data[at] ^= (uint8_t)(1U << rng_below(8));
        return bytes;
    case 1: /* an edge value */
        if (bytes > 0)
            data[at] = edges[rng_below(sizeof edges)];
        return bytes;
    case 2: /* a random octet */
        if (bytes > 0)
            data[at] = (uint8_t)rng_next();
        return bytes;
    case 3: /* cut the end */
        return at;
    case 4: /* take octets out */
        if (at + run_bytes >= bytes)
            return bytes;
        memmove(data + at, data + at + run_bytes, bytes - at - run_bytes);
        return bytes - run_bytes;
    case 5: /* put octets in, twice what is there */
        if (bytes + run_bytes > INPUT_MAX_BYTES || at + run_bytes > bytes)
            return bytes;
        memmove(data + at + run_bytes, data + at, bytes - at);
        return bytes + run_bytes;
    default: /* the end of another input */
        if (corpus_files == 0 || at >= other->bytes)
            return bytes;
        memcpy(data + at, other->data + at, other->bytes - at);
        return other->bytes;
    }
}

static void run_mutation(void)
{
    static uint8_t data[INPUT_MAX_BYTES];
    size_t bytes = 64;
    if (corpus_files > 0) {
        const input *parent = &corpus[rng_below(corpus_files)];
        bytes = parent->bytes;
        memcpy(data, parent->data, bytes);
    }
    for (size_t edits = 1 + rng_below(EDITS_MAX); edits > 0; edits--)
        bytes = edit(data, bytes);
    run(data, bytes);
}

int main(int argc, char **argv)
{
    unsigned long runs = 0, seconds = 3600, done = 0;
    rng_state = 1;
    snprintf(crash_path, sizeof crash_path, "%s.crash", basename(argv[0]));
    for (int i = 1; i < argc; i++) {
        struct stat status;
        if (strncmp(argv[i], "--runs=", 7) == 0)
            runs = strtoul(argv[i] + 7, NULL, 10);
        else if (strncmp(argv[i], "--seconds=", 10) == 0)
            seconds = strtoul(argv[i] + 10, NULL, 10);
        else if (strncmp(argv[i], "--seed=", 7) == 0)
            rng_state = strtoul(argv[i] + 7, NULL, 10);
        else if (stat(argv[i], &status) == 0 && S_ISDIR(status.st_mode))
            add_folder(argv[i]);
        else
            add_file(argv[i]);
    }
    if (__sanitizer_set_death_callback != NULL)
        __sanitizer_set_death_callback(save_current);
    else
        signal(SIGSEGV, on_signal);
    signal(SIGABRT, on_signal);

    for (size_t i = 0; i < corpus_files; i++)
        run(corpus[i].data, corpus[i].bytes);
    time_t end = time(NULL) + (time_t)seconds;
    for (; done < runs && time(NULL) < end; done++)
        run_mutation();

    printf("%zu inputs of the corpus, %lu mutations\n", corpus_files, done);
    for (size_t i = 0; i < corpus_files; i++)
        free(corpus[i].data);
    return EXIT_SUCCESS;
}

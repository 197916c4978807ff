/* document.c - opens files beneath a folder and writes listings of folders. */
#define _GNU_SOURCE
#include "apps/tern/document.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int document_beneath(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned)(flags | O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    long fd;

    do {
        fd = syscall(SYS_openat2, root, path, &how, sizeof how);
    } while (fd < 0 && errno == EAGAIN); /* a rename raced with ".." (openat2(2)) */
    return (int)fd;
}

int document_root(const char *folder)
{
    int root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (root < 0)
        return -1;
    int again = document_beneath(root, ".", O_DIRECTORY);
    int saved = errno;
    (void)close(root);
    errno = saved;
    return again;
}

/* By the name's ending; what is not known is octets. */
static const char *document_type(const char *path)
{
    static const char *const types[][2] = {
        {"html", "text/html; charset=utf-8"},
        {"htm", "text/html; charset=utf-8"},
        {"txt", "text/plain; charset=utf-8"},
        {"md", "text/plain; charset=utf-8"},
        {"css", "text/css; charset=utf-8"},
        {"js", "text/javascript; charset=utf-8"},
        {"json", "application/json"},
        {"xml", "application/xml"},
        {"svg", "image/svg+xml"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},
        {"gif", "image/gif"},
        {"webp", "image/webp"},
        {"pdf", "application/pdf"},
        {"wasm", "application/wasm"},
    };
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');

    for (size_t i = 0; dot != NULL && dot > slash && i < sizeof types / sizeof types[0]; i++)
        if (strcasecmp(dot + 1, types[i][0]) == 0)
            return types[i][1];
    return "application/octet-stream";
}

/* ---- Listings ------------------------------------------------------------------------------ */

/* A text that grows; NULL after a want of memory. */
typedef struct document_text {
    char *at;
    size_t bytes, cap_bytes;
    bool failed;
} document_text;

static void document_append(document_text *t, const char *text, size_t bytes)
{
    if (t->failed)
        return;
    if (t->bytes + bytes + 1 > t->cap_bytes) {
        size_t cap_bytes = (t->bytes + bytes + 1) * 2;
        char *at = realloc(t->at, cap_bytes);
        if (at == NULL) {
            t->failed = true;
            return;
        }
        t->at = at;
        t->cap_bytes = cap_bytes;
    }
    memcpy(t->at + t->bytes, text, bytes);
    t->bytes += bytes;
    t->at[t->bytes] = '\0';
}

static void document_say(document_text *t, const char *text)
{
    document_append(t, text, strlen(text));
}

/* Text that stands between tags. */
static void document_say_html(document_text *t, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            document_say(t, "&amp;");
            break;
        case '<':
            document_say(t, "&lt;");
            break;
        case '>':
            document_say(t, "&gt;");
            break;
        default:
            document_append(t, text, 1);
            break;
        }
    }
}

/* One segment of a path, percent-encoded but for what is always unreserved (RFC 3986 2.3). */
static void document_say_segment(document_text *t, const char *text)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

    for (; *text != '\0'; text++) {
        char encoded[4];
        if (strchr(plain, *text) != NULL) {
            document_append(t, text, 1);
        } else {
            (void)snprintf(encoded, sizeof encoded, "%%%02X", (unsigned)(unsigned char)*text);
            document_say(t, encoded);
        }
    }
}

static void document_say_entry(document_text *t, int folder, const char *name)
{
    struct stat status;
    bool is_folder = fstatat(folder, name, &status, 0) == 0 && S_ISDIR(status.st_mode);

    document_say(t, "<li><a href=\"./");
    document_say_segment(t, name);
    document_say(t, is_folder ? "/\">" : "\">");
    document_say_html(t, name);
    document_say(t, is_folder ? "/</a></li>\n" : "</a></li>\n");
}

static int document_compare(const void *a, const void *b)
{
    const char *const *left = a, *const *right = b;

    return strcmp(*left, *right);
}

/* Names, sorted, none that begins with a dot. *names is to be freed, and each in it. */
static size_t document_names(DIR *folder, char ***names, bool *more)
{
    size_t count = 0;

    *more = false;
    *names = calloc(DOCUMENT_LISTING_MAX, sizeof **names);
    for (const struct dirent *e; *names != NULL && (e = readdir(folder)) != NULL;) {
        *more = *more || count == DOCUMENT_LISTING_MAX;
        if (e->d_name[0] == '.' || *more)
            continue;
        (*names)[count] = strdup(e->d_name);
        if ((*names)[count] != NULL)
            count++;
    }
    if (count > 0)
        qsort(*names, count, sizeof **names, document_compare);
    return count;
}

static void document_listing(document *d, int fd, const char *path)
{
    document_text t = {0};
    DIR *folder = fdopendir(fd);
    char **names;
    bool more;

    if (folder == NULL) {
        (void)close(fd);
        d->status = 500;
        return;
    }
    size_t count = document_names(folder, &names, &more);
    document_say(&t, "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>");
    document_say_html(&t, path);
    document_say(&t, "</title></head><body>\n<h1>");
    document_say_html(&t, path);
    document_say(&t, "</h1>\n<ul>\n");
    if (strcmp(path, "/") != 0)
        document_say(&t, "<li><a href=\"../\">../</a></li>\n");
    for (size_t i = 0; i < count; i++) {
        document_say_entry(&t, dirfd(folder), names[i]);
        free(names[i]);
    }
    document_say(&t, more ? "</ul>\n<p>...</p>\n</body></html>\n" : "</ul>\n</body></html>\n");
    free(names);
    (void)closedir(folder);
    if (t.failed) {
        free(t.at);
        d->status = 500;
        return;
    }
    d->status = 200;
    d->type = "text/html; charset=utf-8";
    d->text = t.at;
    d->size = t.bytes;
}

/* ---- Paths --------------------------------------------------------------------------------- */

static unsigned document_status(int error)
{
    switch (error) {
    case EACCES:
    case EPERM:
    case EXDEV: /* it would lead out */
    case ELOOP:
        return 403;
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
    case ENXIO:
        return 404;
    default:
        return 500;
    }
}

/* A folder is its index.html, or a listing. fd is taken over. */
static void document_folder(document *d, int fd, const char *path)
{
    struct stat status;
    int index = document_beneath(fd, "index.html", 0);

    if (index >= 0 && fstat(index, &status) == 0 && S_ISREG(status.st_mode)) {
        (void)close(fd);
        *d = (document){200, document_type("/index.html"), (uint64_t)status.st_size, index, NULL};
        return;
    }
    if (index >= 0)
        (void)close(index);
    document_listing(d, fd, path);
}

void document_open(document *d, int root, const char *path)
{
    const char *relative = path + strspn(path, "/");
    size_t bytes = strlen(path);
    struct stat status;

    *d = (document){.status = 404, .fd = -1};
    int fd = document_beneath(root, *relative == '\0' ? "." : relative, 0);
    if (fd < 0) {
        d->status = document_status(errno);
        return;
    }
    if (fstat(fd, &status) < 0) {
        d->status = 500;
    } else if (S_ISDIR(status.st_mode)) {
        if (path[bytes - 1] == '/') {
            document_folder(d, fd, path);
            return;
        }
        d->status = 301;
    } else if (S_ISREG(status.st_mode)) {
        *d = (document){200, document_type(path), (uint64_t)status.st_size, fd, NULL};
        return;
    } else {
        d->status = 403; /* a device, a pipe, a socket */
    }
    (void)close(fd);
}

void document_close(document *d)
{
    if (d->fd >= 0)
        (void)close(d->fd);
    free(d->text);
    *d = (document){.fd = -1};
}

/* conversation.c - reads requests, sends replies. */
#define _GNU_SOURCE
#include "apps/tern/conversation.h"

#include "tern/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CONVERSATION_LINGER_US = 2000000 };

static const char *conversation_reason(unsigned status)
{
    switch (status) {
    case 200:
        return "OK";
    case 206:
        return "Partial Content";
    case 301:
        return "Moved Permanently";
    case 400:
        return "Bad Request";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 414:
        return "URI Too Long";
    case 416:
        return "Range Not Satisfiable";
    case 431:
        return "Request Header Fields Too Large";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Internal Server Error";
    }
}

void conversation_begin(conversation *c, const conversation_site *site, tern_handle connection,
                        tern_time now_us)
{
    tern_status status;

    memset(c, 0, sizeof *c);
    c->site = site;
    c->connection = connection;
    c->document.fd = -1;
    c->end_by_us = now_us + site->idle_us;
    if (tern_status_get(site->stack, connection, &status) == TERN_OK)
        c->peer = status.remote;
}

static void conversation_over(conversation *c, tern_time now_us, bool in_order)
{
    document_close(&c->document);
    if (in_order)
        (void)tern_close(c->site->stack, now_us, c->connection);
    else
        (void)tern_abort(c->site->stack, now_us, c->connection);
    c->stage = CONVERSATION_OVER;
    c->end_by_us = TERN_NEVER;
}

/* ---- Replies ------------------------------------------------------------------------------- */

/* Appends to the head; it has room for all that this file writes. */
static void conversation_say(conversation *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void conversation_say(conversation *c, const char *format, ...)
{
    size_t room = sizeof c->head - c->head_bytes;
    va_list arguments;

    va_start(arguments, format);
    int bytes = vsnprintf(c->head + c->head_bytes, room, format, arguments);
    va_end(arguments);
    if (bytes > 0)
        c->head_bytes += (size_t)bytes < room ? (size_t)bytes : room - 1;
}

static void conversation_say_first(conversation *c, unsigned status)
{
    char date[40];
    time_t now = time(NULL);
    struct tm parts;

    c->head_bytes = 0;
    c->head_sent = 0;
    (void)gmtime_r(&now, &parts);
    /* The C locale's names: LC_TIME would translate them. */
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    (void)snprintf(date, sizeof date, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
                   days + 3 * parts.tm_wday, (unsigned)parts.tm_mday % 100u,
                   months + 3 * parts.tm_mon, (unsigned)(parts.tm_year + 1900) % 10000u,
                   (unsigned)parts.tm_hour % 100u, (unsigned)parts.tm_min % 100u,
                   (unsigned)parts.tm_sec % 100u);
    conversation_say(c, "HTTP/1.1 %u %s\r\nDate: %s\r\nServer: tern/%s\r\n", status,
                     conversation_reason(status), date, tern_version());
}

/* The reply is its head and, except to HEAD, `left` octets of the document. */
static void conversation_reply(conversation *c, const http_request *r, unsigned status)
{
    static const char *const methods[] = {
        [HTTP_GET] = "GET", [HTTP_HEAD] = "HEAD", [HTTP_OTHER] = "-"};

    conversation_say(c, "Content-Length: %llu\r\nConnection: %s\r\n\r\n",
                     (unsigned long long)c->left, c->keep_alive ? "keep-alive" : "close");
    if (c->site->answered != NULL)
        c->site->answered(c->site->context,
                          &(conversation_answer){.peer = &c->peer,
                                                 .method = methods[r->method],
                                                 .path = r->path[0] != '\0' ? r->path : "-",
                                                 .status = status,
                                                 .octets = c->left});
    if (r->method == HTTP_HEAD)
        c->left = 0;
    c->stage = CONVERSATION_HEAD;
}

/* An error or a redirection: its body is its own reason. */
static void conversation_refuse(conversation *c, const http_request *r, unsigned status)
{
    char *text = NULL;

    document_close(&c->document);
    conversation_say_first(c, status);
    if (status == 301) {
        /* One '/' in front: two would name another host (RFC 3986 4.2). */
        conversation_say(c, "Location: /");
        for (const char *p = r->path + strspn(r->path, "/"); *p != '\0'; p++) {
            unsigned char octet = (unsigned char)*p;
            bool plain = octet > ' ' && octet < 0x7f && strchr("%?#\"<>\\^`{|}", *p) == NULL;
            conversation_say(c, plain ? "%c" : "%%%02X", octet);
        }
        conversation_say(c, "/\r\n");
    }
    if (status == 405)
        conversation_say(c, "Allow: GET, HEAD\r\n");
    conversation_say(c, "Content-Type: text/plain; charset=utf-8\r\n");
    if (asprintf(&text, "%u %s\n", status, conversation_reason(status)) < 0)
        text = NULL;
    c->document.text = text;
    c->offset = 0;
    c->left = text == NULL ? 0 : strlen(text);
    conversation_reply(c, r, status);
}

static void conversation_answer_request(conversation *c, const http_request *r)
{
    unsigned status = 200;

    c->keep_alive = r->keep_alive;
    if (r->status != 0 || r->method == HTTP_OTHER) {
        conversation_refuse(c, r, r->status != 0 ? r->status : 405);
        return;
    }
    document_open(&c->document, c->site->root, r->path);
    if (c->document.status != 200) {
        conversation_refuse(c, r, c->document.status);
        return;
    }
    c->offset = 0;
    c->left = c->document.size;
    if (r->range.present && r->method == HTTP_GET && c->document.fd >= 0) {
        status = http_range_resolve(&r->range, c->document.size, &c->offset, &c->left) ? 206 : 416;
    }
    uint64_t size = c->document.size;
    if (status == 416) {
        conversation_refuse(c, r, 416);
        return;
    }
    conversation_say_first(c, status);
    conversation_say(c, "Content-Type: %s\r\nAccept-Ranges: bytes\r\n", c->document.type);
    if (status == 206)
        conversation_say(c, "Content-Range: bytes %llu-%llu/%llu\r\n",
                         (unsigned long long)c->offset,
                         (unsigned long long)(c->offset + c->left - 1), (unsigned long long)size);
    conversation_reply(c, r, status);
}

/* ---- Sending ------------------------------------------------------------------------------- */

/* Takes what tern_send() said. true: all went, go on. */
static bool conversation_sent(conversation *c, tern_time now_us, ptrdiff_t sent, size_t bytes)
{
    if (sent == TERN_ERR_WOULD_BLOCK || sent == TERN_ERR_NO_RESOURCES)
        return false;
    if (sent < 0) {
        conversation_over(c, now_us, false);
        return false;
    }
    if (sent > 0)
        c->end_by_us = now_us + c->site->idle_us;
    return (size_t)sent == bytes;
}

static bool conversation_send_head(conversation *c, tern_time now_us)
{
    size_t bytes = c->head_bytes - c->head_sent;
    ptrdiff_t sent = tern_send(c->site->stack, now_us, c->connection, c->head + c->head_sent,
                               bytes);

    if (sent > 0)
        c->head_sent += (size_t)sent;
    if (!conversation_sent(c, now_us, sent, bytes))
        return false;
    c->stage = CONVERSATION_BODY;
    return true;
}

/* Octets worth reading: one more than the send buffer has room for, so that it is filled and a
 * WRITABLE event follows. */
static size_t conversation_room(const conversation *c)
{
    tern_status status;

    if (tern_status_get(c->site->stack, c->connection, &status) != TERN_OK ||
        status.send_queue_bytes >= status.send_buffer_bytes)
        return 1;
    size_t room = (size_t)(status.send_buffer_bytes - status.send_queue_bytes) + 1;
    return room < CONVERSATION_PIECE_BYTES ? room : CONVERSATION_PIECE_BYTES;
}

/* One piece of the body. true: all of the piece went. */
static bool conversation_send_piece(conversation *c, tern_time now_us)
{
    size_t want = conversation_room(c);
    const char *from = c->site->piece;

    if (want > c->left)
        want = (size_t)c->left;
    if (c->document.fd >= 0) {
        ssize_t got = pread(c->document.fd, c->site->piece, want, (off_t)c->offset);
        if (got <= 0) { /* shorter than it was: what was announced cannot be kept */
            conversation_over(c, now_us, false);
            return false;
        }
        want = (size_t)got;
    } else {
        from = c->document.text + c->offset;
    }
    ptrdiff_t sent = tern_send(c->site->stack, now_us, c->connection, from, want);
    if (sent > 0) {
        c->offset += (uint64_t)sent;
        c->left -= (uint64_t)sent;
    }
    return conversation_sent(c, now_us, sent, want);
}

/* true: the reply is out, and the conversation may go on. */
static bool conversation_send(conversation *c, tern_time now_us)
{
    if (c->stage == CONVERSATION_HEAD && !conversation_send_head(c, now_us))
        return false;
    while (c->stage == CONVERSATION_BODY && c->left > 0)
        if (!conversation_send_piece(c, now_us))
            return false;
    if (c->stage != CONVERSATION_BODY)
        return false;
    document_close(&c->document);
    c->end_by_us = now_us + c->site->idle_us;
    c->stage = CONVERSATION_REQUEST;
    if (c->keep_alive)
        return true;
    c->stage = CONVERSATION_LINGER;
    c->end_by_us = now_us + CONVERSATION_LINGER_US;
    (void)tern_shutdown(c->site->stack, now_us, c->connection, TERN_SHUTDOWN_WRITE);
    return true;
}

/* ---- Receiving ----------------------------------------------------------------------------- */

/* true: a request was taken from the buffer and its reply begun. */
static bool conversation_take_request(conversation *c)
{
    size_t bytes = http_head_end(c->request, c->request_bytes);
    http_request r;

    if (bytes == 0 && c->request_bytes < sizeof c->request)
        return false;
    if (bytes == 0) {
        memset(&r, 0, sizeof r);
        r.status = 431;
        c->request_bytes = 0;
    } else {
        http_request_parse(&r, c->request, bytes);
        c->request_bytes -= bytes;
        memmove(c->request, c->request + bytes, c->request_bytes);
    }
    conversation_answer_request(c, &r);
    return true;
}

/* Takes what has come into the request buffer. */
static void conversation_receive(conversation *c, tern_time now_us)
{
    while (c->stage == CONVERSATION_REQUEST && c->request_bytes < sizeof c->request) {
        ptrdiff_t got = tern_recv(c->site->stack, now_us, c->connection,
                                  c->request + c->request_bytes,
                                  sizeof c->request - c->request_bytes);
        if (got == TERN_ERR_WOULD_BLOCK)
            return;
        if (got < 0) {
            conversation_over(c, now_us, false);
            return;
        }
        c->peer_closed = got == 0;
        if (got == 0)
            return;
        c->request_bytes += (size_t)got;
    }
}

static void conversation_linger(conversation *c, tern_time now_us)
{
    ptrdiff_t got;

    do {
        got = tern_recv(c->site->stack, now_us, c->connection, c->site->piece,
                        CONVERSATION_PIECE_BYTES);
    } while (got > 0);
    if (got != TERN_ERR_WOULD_BLOCK)
        conversation_over(c, now_us, true);
}

void conversation_event(conversation *c, tern_time now_us, const tern_event *event)
{
    if ((event->what & TERN_EVENT_CLOSED) != 0 && event->error != TERN_OK) {
        conversation_over(c, now_us, false);
        return;
    }
    bool more = true;
    while (more) { /* ends: each turn sends a reply for octets that were received */
        more = false;
        if (c->stage == CONVERSATION_REQUEST) {
            conversation_receive(c, now_us);
            more = c->stage == CONVERSATION_REQUEST && conversation_take_request(c);
        }
        if (c->stage == CONVERSATION_HEAD || c->stage == CONVERSATION_BODY)
            more = conversation_send(c, now_us);
        if (c->stage == CONVERSATION_LINGER) {
            conversation_linger(c, now_us);
            more = false;
        }
    }
    /* Nothing more will be asked: what was asked is answered, half-close or not. */
    if (c->stage == CONVERSATION_REQUEST && c->peer_closed)
        conversation_over(c, now_us, true);
}

void conversation_expire(conversation *c, tern_time now_us)
{
    conversation_over(c, now_us, c->stage == CONVERSATION_REQUEST);
}

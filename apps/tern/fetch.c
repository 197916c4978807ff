/* fetch.c - the conversation of one GET: request out, head in, body in.
 *
 * The output is asked for room before octets are taken from the connection: when the reader of a
 * pipe is slow, the receive buffer fills, and TCP's window tells the server. */
#define _GNU_SOURCE
#include "apps/tern/fetch.h"

#include "apps/tern/i18n.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FETCH_PIECE_BYTES = 65536 };

static const uint64_t fetch_digest_start = UINT64_C(0xcbf29ce484222325);

static void fetch_end(fetch *f, tern_time now_us, fetch_status status, const char *why)
{
    f->stage = FETCH_DONE;
    f->status = status;
    f->out_blocked = false;
    if (why != NULL)
        (void)snprintf(f->why, sizeof f->why, "%s", why);
    if (status == FETCH_OK)
        (void)tern_close(f->job->stack, now_us, f->connection);
    else
        (void)tern_abort(f->job->stack, now_us, f->connection);
    f->connection = (tern_handle){0};
}

/* The connection has ended before the response did. */
static void fetch_lost(fetch *f, tern_time now_us, tern_err error)
{
    char why[FETCH_WHY_BYTES];
    char at[TERN_ADDRESS_TEXT_BYTES];
    const char *text = _(tern_err_text(error));

    (void)tern_address_text(&f->job->remote.address, at);
    if (f->stage == FETCH_CONNECTING) {
        (void)snprintf(why, sizeof why, _("no connection to %s port %u: %s"), at,
                       (unsigned)f->job->remote.port, text);
        fetch_end(f, now_us, error == TERN_ERR_TIMED_OUT ? FETCH_TIMEOUT : FETCH_CONNECT, why);
    } else {
        (void)snprintf(why, sizeof why, _("the connection broke after %llu octets: %s"),
                       (unsigned long long)f->octets, text);
        fetch_end(f, now_us, FETCH_RECEIVE, why);
    }
}

static void fetch_request(fetch *f)
{
    const url *u = f->job->url;
    char port[8] = "";

    if (u->port != 80)
        (void)snprintf(port, sizeof port, ":%u", (unsigned)u->port);
    f->buffer_bytes = (size_t)snprintf(f->buffer, FETCH_HEAD_BYTES,
                                       "GET %s HTTP/1.1\r\n"
                                       "Host: %s%s%s%s\r\n"
                                       "User-Agent: tern/%s\r\n"
                                       "Accept: */*\r\n"
                                       "Connection: close\r\n\r\n",
                                       u->target, u->bracketed ? "[" : "", u->host,
                                       u->bracketed ? "]" : "", port, tern_version());
}

static void fetch_send(fetch *f, tern_time now_us)
{
    while (f->sent_bytes < f->buffer_bytes) {
        ptrdiff_t sent = tern_send(f->job->stack, now_us, f->connection, f->buffer + f->sent_bytes,
                                   f->buffer_bytes - f->sent_bytes);
        if (sent == TERN_ERR_WOULD_BLOCK || sent == TERN_ERR_NO_RESOURCES)
            return;
        if (sent < 0) {
            fetch_lost(f, now_us, (tern_err)sent);
            return;
        }
        f->sent_bytes += (size_t)sent;
    }
    f->request_out = true;
    f->buffer_bytes = 0; /* from here on it holds the response's head */
}

bool fetch_begin(fetch *f, const fetch_job *job, output *out, tern_time now_us)
{
    memset(f, 0, sizeof *f);
    f->job = job;
    f->out = out;
    f->digest = fetch_digest_start;
    f->buffer = malloc(FETCH_HEAD_BYTES);
    if (f->buffer == NULL) {
        fetch_end(f, now_us, FETCH_FAILED, _("not enough memory"));
        return false;
    }
    fetch_request(f);
    tern_err error = tern_connect(job->stack, now_us, NULL, &job->remote, &f->connection);
    if (error != TERN_OK) {
        fetch_lost(f, now_us, error);
        return false;
    }
    if (job->fast_open) {
        (void)tern_option_set(job->stack, now_us, f->connection, TERN_OPTION_FAST_OPEN, 1);
        fetch_send(f, now_us);
    }
    return f->stage != FETCH_DONE;
}

void fetch_free(fetch *f)
{
    free(f->buffer);
    f->buffer = NULL;
}

void fetch_abort(fetch *f, tern_time now_us, fetch_status status, const char *why)
{
    if (f->stage != FETCH_DONE)
        fetch_end(f, now_us, status, why);
}

/* A piece of the body. false: it could not be written, and the fetch has ended. */
static bool fetch_piece(fetch *f, tern_time now_us, http_span piece)
{
    for (size_t i = 0; f->job->compare && i < piece.bytes; i++)
        f->digest = (f->digest ^ (unsigned char)piece.at[i]) * UINT64_C(0x100000001b3);
    f->octets += piece.bytes;
    if (f->out == NULL || output_write(f->out, piece.at, piece.bytes))
        return true;
    fetch_end(f, now_us, FETCH_WRITE, strerror(errno));
    return false;
}

static void fetch_body(fetch *f, tern_time now_us, http_span in)
{
    while (in.bytes > 0 && !f->body.done) {
        http_span piece;
        ptrdiff_t used = http_body_take(&f->body, in, &piece);
        if (used < 0) {
            fetch_end(f, now_us, FETCH_RECEIVE, _("the body is not chunked as it should be"));
            return;
        }
        if (!fetch_piece(f, now_us, piece))
            return;
        in.at += used;
        in.bytes -= (size_t)used;
    }
    if (f->body.done)
        fetch_end(f, now_us, FETCH_OK, NULL);
}

/* The head of a response is whole: what it says, and what came behind it. */
static void fetch_head(fetch *f, tern_time now_us, size_t head_bytes)
{
    char why[FETCH_WHY_BYTES];
    http_span rest = {f->buffer + head_bytes, f->buffer_bytes - head_bytes};

    if (!http_response_parse(&f->response, f->buffer, head_bytes)) {
        fetch_end(f, now_us, FETCH_WEIRD, _("the answer is not HTTP/1.1"));
        return;
    }
    if (f->response.status < 200) { /* interim: another head follows (RFC 9110 15.2) */
        memmove(f->buffer, rest.at, rest.bytes);
        f->buffer_bytes = rest.bytes;
        return;
    }
    if (f->job->fail && f->response.status >= 400) {
        (void)snprintf(why, sizeof why, _("the server answered %u"), f->response.status);
        fetch_end(f, now_us, FETCH_HTTP_ERROR, why);
        return;
    }
    f->stage = FETCH_BODY;
    http_body_begin(&f->body, &f->response);
    if (f->body.done)
        fetch_end(f, now_us, FETCH_OK, NULL);
    else
        fetch_body(f, now_us, rest);
}

/* Octets have been put behind what the buffer held of the head. */
static void fetch_head_more(fetch *f, tern_time now_us)
{
    while (f->stage == FETCH_HEAD) {
        size_t head_bytes = http_head_end(f->buffer, f->buffer_bytes);
        if (head_bytes == 0)
            break;
        fetch_head(f, now_us, head_bytes);
    }
    if (f->stage == FETCH_HEAD && f->buffer_bytes == FETCH_HEAD_BYTES)
        fetch_end(f, now_us, FETCH_WEIRD, _("the answer's head does not end"));
}

/* The peer has sent all it will. */
static void fetch_peer_done(fetch *f, tern_time now_us)
{
    char why[FETCH_WHY_BYTES];

    if (f->stage == FETCH_BODY && http_body_end(&f->body)) {
        fetch_end(f, now_us, FETCH_OK, NULL);
    } else if (f->stage == FETCH_BODY && f->body.framing == HTTP_BODY_LENGTH) {
        (void)snprintf(why, sizeof why, _("the connection was closed with %llu octets missing"),
                       (unsigned long long)f->body.left);
        fetch_end(f, now_us, FETCH_PARTIAL, why);
    } else if (f->stage == FETCH_BODY) {
        fetch_end(f, now_us, FETCH_PARTIAL, _("the connection was closed inside the body"));
    } else if (f->buffer_bytes > 0) {
        fetch_end(f, now_us, FETCH_WEIRD, _("the connection was closed inside the answer's head"));
    } else {
        fetch_end(f, now_us, FETCH_EMPTY, _("the server closed without an answer"));
    }
}

/* Takes what has come, for as long as there is room for it. */
static void fetch_receive(fetch *f, tern_time now_us)
{
    char piece[FETCH_PIECE_BYTES];

    f->out_blocked = false;
    while (f->stage != FETCH_DONE) {
        bool head = f->stage != FETCH_BODY;
        char *to = head ? f->buffer + f->buffer_bytes : piece;
        size_t cap = head ? FETCH_HEAD_BYTES - f->buffer_bytes : sizeof piece;
        size_t room = f->out == NULL ? SIZE_MAX : output_room(f->out);
        if (room == 0) {
            f->out_blocked = true;
            return;
        }
        ptrdiff_t got = tern_recv(f->job->stack, now_us, f->connection, to,
                                  room < cap ? room : cap);
        if (got == TERN_ERR_WOULD_BLOCK)
            return;
        if (got < 0) {
            fetch_lost(f, now_us, (tern_err)got);
        } else if (got == 0) {
            fetch_peer_done(f, now_us);
        } else if (head) {
            f->buffer_bytes += (size_t)got;
            fetch_head_more(f, now_us);
        } else {
            fetch_body(f, now_us, (http_span){piece, (size_t)got});
        }
    }
}

void fetch_event(fetch *f, tern_time now_us, const tern_event *event)
{
    if (f->stage == FETCH_CONNECTING && (event->what & TERN_EVENT_CONNECTED) != 0)
        f->stage = FETCH_HEAD;
    if (f->stage == FETCH_CONNECTING && (event->what & TERN_EVENT_CLOSED) != 0)
        fetch_lost(f, now_us, event->error);
    if (f->stage != FETCH_CONNECTING && f->stage != FETCH_DONE && !f->request_out)
        fetch_send(f, now_us);
    if (f->stage != FETCH_CONNECTING && f->stage != FETCH_DONE && f->request_out)
        fetch_receive(f, now_us);
}

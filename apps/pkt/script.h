/* script.h - a packetdrill script as a tree: what the parser makes and the runner walks.
 *
 * The language is the union of its two living dialects, that of Google
 * (github.com/google/packetdrill) and that of the network programming laboratory at Münster
 * (github.com/nplab/packetdrill). A tree says what a script says and nothing more: which packets,
 * calls and symbols a stack knows is for the runner. All texts end with NUL and live as long as
 * the script. Every node knows its place in the file. */
#ifndef TERN_APPS_PKT_SCRIPT_H
#define TERN_APPS_PKT_SCRIPT_H

#include "apps/pkt/arena.h"

#include <stdint.h>

enum {
    PKT_FILE_BYTES = 1 << 20,   /* of a script, at most */
    PKT_STATEMENTS_MAX = 50000, /* events of a script */
    PKT_DEPTH_MAX = 24,         /* of lists in structures in lists ... */
    PKT_DEFINES_MAX = 256,
    PKT_OPTION_BYTES = 40, /* TCP options of a segment: RFC 9293 3.1 */
};

typedef struct pkt_place {
    uint32_t line, column; /* from 1; a column is an octet */
} pkt_place;

/* ---- Expressions: arguments and results of system calls -------------------------------------- */

typedef enum pkt_expr_kind {
    PKT_ELLIPSIS, /* ... */
    PKT_INTEGER,  /* integer; hex: written 0x.. */
    PKT_WORD,     /* text: a symbol */
    PKT_STRING,   /* text as written, escapes not decoded; open: "text"... */
    PKT_STRINGS,  /* "a" "b": children are PKT_STRING */
    PKT_ARRAY,    /* [a, b] */
    PKT_STRUCT,   /* {a, b}; shape */
    PKT_FIELD,    /* text = value, or text(child) = value */
    PKT_FUNCTION, /* text(child, child): htons(80) */
    PKT_OR,       /* a|b|c */
    PKT_ITEM,     /* TEXT[child, child]: an SCTP chunk or parameter */
    PKT_PAIR,     /* child:child, in an SCTP chunk */
} pkt_expr_kind;

/* What a structure is, by its fields: see shapes.c. */
typedef enum pkt_shape {
    PKT_SHAPE_OTHER, /* none of those below: the runner does not know it */
    PKT_SHAPE_LIST,  /* {a, b}: no fields */
    PKT_SHAPE_IOVEC, /* {..., 1000} or {iov_base=..., iov_len=1000} */
    PKT_SHAPE_SOCKADDR,
    PKT_SHAPE_MSGHDR,
    PKT_SHAPE_CMSGHDR,
    PKT_SHAPE_POLLFD,
    PKT_SHAPE_EPOLL_EVENT,
    PKT_SHAPE_LINGER,
    PKT_SHAPE_TIMESTAMPING,
    PKT_SHAPE_EXTENDED_ERR,
    PKT_SHAPE_ACCEPT_FILTER,
    PKT_SHAPE_FUNCTION_SET,
    PKT_SHAPE_FASTOPEN,
    PKT_SHAPE_RST_REASON,
    PKT_SHAPE_SF_HDTR,
} pkt_shape;

typedef struct pkt_expr {
    pkt_expr_kind kind;
    pkt_shape shape;
    pkt_place place;
    bool hex, open;
    uint32_t children; /* how many begin at `first` */
    int64_t integer;
    const char *text;
    struct pkt_expr *first; /* child; FIELD: what is in its parentheses, or NULL */
    struct pkt_expr *value; /* of a FIELD */
    struct pkt_expr *next;  /* of the same parent */
} pkt_expr;

/* ---- Packets --------------------------------------------------------------------------------- */

/* What an IP header must have, or gets. A bit of `tos` counts where `tos_mask` has it. */
typedef struct pkt_ip {
    uint8_t tos, tos_mask;
    bool ect01;         /* ECT(0) or ECT(1); the mask does not have these bits then */
    int16_t ttl;        /* -1: not given */
    int32_t flow_label; /* -1: not given */
} pkt_ip;

typedef enum pkt_layer_kind {
    PKT_LAYER_IPV4,
    PKT_LAYER_IPV6,
    PKT_LAYER_GRE,
    PKT_LAYER_MPLS
} //
pkt_layer_kind;

/* A header around the packet, the outermost first. */
typedef struct pkt_layer {
    struct pkt_layer *next;
    pkt_layer_kind kind;
    pkt_place place;
    pkt_ip ip;                        /* IPV4, IPV6 */
    const char *source, *destination; /* addresses, as written */
    struct {
        bool given;
        uint16_t flags, sum, offset; /* flags: host order, RFC 2784 2.1 and RFC 2890 2 */
        uint32_t key, sequence;
    } gre;
    struct pkt_mpls {
        struct pkt_mpls *next;
        uint32_t label;
        uint8_t traffic_class, ttl;
        bool bottom;
    } * mpls;
} pkt_layer;

typedef struct pkt_ports {
    bool given;
    uint16_t source, destination;
} pkt_ports;

typedef struct pkt_sequence {
    uint32_t start;
    uint32_t bytes; /* of payload */
    bool absolute;  /* "!": the number on the wire, not relative to the ISN */
    bool ignored;   /* "...": any number */
} pkt_sequence;

typedef enum pkt_tcp_option_kind {
    PKT_OPT_EOL,
    PKT_OPT_NOP,
    PKT_OPT_MSS,        /* number */
    PKT_OPT_WSCALE,     /* number */
    PKT_OPT_SACK_OK,    /* */
    PKT_OPT_SACK,       /* pairs of numbers: left, right */
    PKT_OPT_TIMESTAMP,  /* numbers: val, ecr */
    PKT_OPT_MD5,        /* octets; valid: the right digest, whatever it is */
    PKT_OPT_FAST_OPEN,  /* octets: the cookie; experiment: in the form of RFC 6994 */
    PKT_OPT_ACCECN0,    /* 0 to 3 numbers: e0b, ceb, e1b; experiment */
    PKT_OPT_ACCECN1,    /* 0 to 3 numbers: e1b, ceb, e0b; experiment */
    PKT_OPT_TARR,       /* 0 or 1 number */
    PKT_OPT_GENERIC,    /* code: the kind; octets */
    PKT_OPT_EXPERIMENT, /* code: the ExID, 16 bits; octets (RFC 6994) */
} pkt_tcp_option_kind;

typedef struct pkt_tcp_option {
    struct pkt_tcp_option *next;
    pkt_tcp_option_kind kind;
    pkt_place place;
    bool experiment, valid;
    bool val_ignored;  /* TS val ... */
    bool ecr_absolute; /* ecr 5!: the number on the wire */
    uint16_t code;
    uint8_t number_count, octet_count;
    uint32_t number[8];
    uint8_t octets[PKT_OPTION_BYTES];
} pkt_tcp_option;

typedef struct pkt_tcp_options {
    bool any;                         /* <...> */
    bool raw;                         /* <0101080a...>: `octets` and no list */
    pkt_tcp_option *first;            /* NULL: no option at all */
    uint8_t octet_count;              /* of all, on the wire */
    uint8_t octets[PKT_OPTION_BYTES]; /* as on the wire; an ignored number is 0 */
} pkt_tcp_options;

enum {
    PKT_FIN = 0x001,
    PKT_SYN = 0x002,
    PKT_RST = 0x004,
    PKT_PSH = 0x008,
    PKT_ACK = 0x010,
    PKT_URG = 0x020,
    PKT_ECE = 0x040,
    PKT_CWR = 0x080,
    PKT_AE = 0x100, /* RFC 9768 3.1; with CWR and ECE the ACE field */
};

typedef struct pkt_tcp {
    uint16_t flags;
    pkt_sequence sequence;
    bool ack_given;
    uint32_t ack;
    int32_t window; /* -1: not given, so any; always given when inbound */
    uint16_t urgent;
    pkt_tcp_options options;
    bool psp; /* encap psp spi N */
    uint32_t psp_spi;
    bool diagnosis; /* [code N, pen N]: the payload of a reset */
    uint16_t diagnosis_code;
    uint32_t diagnosis_pen;
} pkt_tcp;

typedef enum pkt_protocol {
    PKT_TCP,
    PKT_UDP,
    PKT_UDPLITE,
    PKT_ICMP,
    PKT_SCTP,
    PKT_RAW, /* only inside ICMP */
} pkt_protocol;

typedef struct pkt_icmp {
    const char *type, *code; /* code NULL: not given */
    int64_t mtu_bytes;       /* -1: not given */
    uint16_t echo_id;
    bool quoted; /* the packet that it is about is given: */
    pkt_protocol protocol;
    pkt_sequence sequence; /* TCP; of UDP, UDPLITE and RAW only the bytes */
    uint32_t coverage;     /* UDPLITE */
    uint32_t tag;          /* SCTP */
} pkt_icmp;

typedef struct pkt_sctp {
    bool bad_crc32c, zero_checksum;
    int64_t tag;      /* -1: not given */
    pkt_expr *chunks; /* a list of PKT_ITEM, or one PKT_ARRAY of octets */
} pkt_sctp;

typedef struct pkt_packet {
    pkt_place place;
    bool inbound; /* "<": into the stack under test */
    pkt_layer *layers;
    pkt_ip ip;
    pkt_protocol protocol;
    pkt_ports ports;
    pkt_ports tunnel;         /* "/udp(1>2)": UDP around it (RFC 6951, and TCP likewise) */
    uint32_t bytes, coverage; /* payload of UDP and UDPLITE */
    pkt_tcp tcp;
    pkt_icmp icmp;
    pkt_sctp sctp;
} pkt_packet;

/* ---- Events ---------------------------------------------------------------------------------- */

typedef enum pkt_time_kind {
    PKT_TIME_ABSOLUTE, /* 1.5: since the script began */
    PKT_TIME_RELATIVE, /* +1.5: since the event before */
    PKT_TIME_ANY,      /* *: an outbound packet, whenever it comes */
    PKT_TIME_ABSOLUTE_RANGE,
    PKT_TIME_RELATIVE_RANGE,
} pkt_time_kind;

typedef struct pkt_time {
    pkt_time_kind kind;
    int64_t at_us, end_us; /* end_us: of a range */
} pkt_time;

typedef struct pkt_call {
    pkt_place place;
    const char *name;
    pkt_expr *arguments;
    uint32_t argument_count;
    bool blocks; /* "...": it returns only at end_us, counted like the event's own time */
    int64_t end_us;
    pkt_expr *result;
    const char *error;  /* EAGAIN; NULL: none */
    const char *reason; /* what stands in parentheses behind the error */
    const char *note;   /* (flags O_RDWR|O_NONBLOCK); NULL: none */
} pkt_call;

typedef enum pkt_event_kind {
    PKT_EVENT_PACKET,
    PKT_EVENT_CALL,
    PKT_EVENT_COMMAND, /* text: between backquotes, for a shell that tern has not */
    PKT_EVENT_CODE,    /* text: between %{ and }%, see code.h */
} pkt_event_kind;

typedef struct pkt_event {
    struct pkt_event *next;
    pkt_place place; /* of its time */
    pkt_time time;
    pkt_event_kind kind;
    pkt_place text_place;
    const char *text;
    pkt_packet *packet;
    pkt_call *call;
} pkt_event;

/* --name or --name=value. */
typedef struct pkt_option {
    struct pkt_option *next;
    pkt_place place;
    const char *name;  /* without the dashes */
    const char *value; /* NULL: none; "NAME=VALUE" as written */
    char quote;        /* '"' or '`': what stood around the value; 0: nothing */
} pkt_option;

typedef struct pkt_command {
    pkt_place place;
    const char *text; /* NULL: there is none */
} pkt_command;

typedef struct pkt_script {
    pkt_arena arena; /* everything below lives in it */
    const char *file;
    pkt_option *options;
    pkt_command init, cleanup; /* without a time */
    pkt_event *events;
    uint32_t event_count;
} pkt_script;

/* ---- Making one ------------------------------------------------------------------------------ */

typedef struct pkt_define {
    const char *name;  /* [A-Za-z0-9_]+ */
    const char *value; /* a number, a word, "a string" or `a command`; NULL: for #ifdef only */
} pkt_define;

typedef struct pkt_source {
    const char *file; /* for messages */
    const char *text;
    size_t bytes;
    const pkt_define *defines; /* as -D gives them; the script's own --define come after */
    size_t define_count;
} pkt_source;

enum { PKT_FOUND_BYTES = 48 };

/* Why a text is no script. Both texts are English, and `what` is a message of the translations. */
typedef struct pkt_error {
    pkt_place place;
    bool expected; /* `what` was expected, and `found` stood there */
    bool sign;     /* `what` is a sign of the language: to be quoted, not translated */
    const char *what;
    char found[PKT_FOUND_BYTES]; /* "": the end of the script */
} pkt_error;

/* The script, to be given back by pkt_free(); NULL: *error says why. Nothing of source is kept. */
pkt_script *pkt_parse(const pkt_source *source, pkt_error *error);

void pkt_free(pkt_script *script);

/* ---- Reading one ----------------------------------------------------------------------------- */

/* The value of a structure's field; NULL: it has none of this name. */
pkt_expr *pkt_field(const pkt_expr *structure, const char *name);

/* Decodes the escapes of a string as C has them (\n, \x41, \101). Returns the octets that it has,
 * of which at most cap_bytes are written. */
size_t pkt_unescape(const char *text, char *out, size_t cap_bytes);

#endif

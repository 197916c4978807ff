/* packet.c - a whole IP packet from a plan. */
#include "tcp/packet.h"

#include "wire/checksum.h"

/* Copies the text behind the header and sums it up in the same pass. */
static checksum_sum packet_text(const struct engine *e, struct packet_plan *plan, uint8_t *to,
                                checksum_sum sum)
{
    uint32_t done = 0;

    while (done < plan->text_bytes) {
        const uint8_t *data;
        uint32_t n = chunks_next(e, &e->chunks, &plan->text, plan->text_bytes - done, &data);
        TERN_CHECK(n > 0);
        if (done % 2 == 0)
            sum = checksum_add_copy(sum, to + done, data, n);
        else
            sum += checksum_at_odd(checksum_add_copy(0, to + done, data, n));
        done += n;
    }
    return sum;
}

size_t packet_write(const struct engine *e, const struct flow *f, struct packet_plan *plan,
                    uint8_t *packet)
{
    const tern_address *source = &e->config.addresses[f->local];
    size_t ip_bytes = ip_header_bytes(source);
    uint8_t *segment = packet + ip_bytes;
    size_t options_bytes = tcp_options_write(segment + TCP_HEADER_BYTES, &plan->options);
    size_t header_bytes = TCP_HEADER_BYTES + options_bytes;
    size_t bytes = header_bytes + plan->text_bytes;
    tcp_header header = {
        .source_port = f->local_port,
        .destination_port = f->remote_port,
        .seq = plan->seq,
        .ack = plan->ack,
        .flags = plan->flags,
        .window = plan->window,
        .urgent = plan->urgent,
        .options_bytes = options_bytes,
    };
    ip_fields ip = {
        .source = *source,
        .destination = f->remote,
        .protocol = IP_PROTOCOL_TCP,
        .ttl = plan->ttl != 0 ? plan->ttl : e->config.ttl,
        .tos = plan->ttl != 0 ? plan->tos : e->config.tos,
        .may_fragment = plan->may_fragment,
        .id = plan->id,
        .payload_bytes = bytes,
    };

    checksum_sum sum = checksum_pseudo(source, &f->remote, IP_PROTOCOL_TCP, (uint32_t)bytes);
    sum += tcp_header_sum(&header);
    sum = packet_text(e, plan, segment + header_bytes, sum);
    sum = checksum_add(sum, segment + TCP_HEADER_BYTES, options_bytes);
    header.checksum = checksum_finish(sum);
    tcp_header_write(segment, &header);
    return ip_write(packet, &ip) + bytes;
}

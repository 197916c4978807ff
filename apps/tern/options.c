/* options.c - reads the network options into a request for a device and a pair of links. */
#include "apps/tern/options.h"

#include "apps/tern/message.h"
#include "sim/quantity.h"

#include <string.h>

enum { OPTIONS_MTU_BYTES = 1500, OPTIONS_IPV6_MTU_BYTES = 1280 };

void network_options_init(network_options *n)
{
    memset(n, 0, sizeof *n);
    (void)snprintf(n->device.name, sizeof n->device.name, "tern%%d");
    n->device.mtu_bytes = OPTIONS_MTU_BYTES;
    n->device.ipv4 = (tun_network){tern_address_ipv4(10, 77, 0, 1), 24};
    n->device.ipv6 = (tun_network){{{0xfd, 0x77, [15] = 1}}, 64};
    n->address[0] = tern_address_ipv4(10, 77, 0, 2);
    n->address[1] = (tern_address){{0xfd, 0x77, [15] = 2}};
    link_config_init(&n->link);
}

bool options_number(const char *text, uint64_t low, uint64_t high, uint64_t *number)
{
    uint64_t sum = 0;
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 18 || text[digits] != '\0')
        return false;
    for (size_t i = 0; i < digits; i++)
        sum = sum * 10 + (uint64_t)(text[i] - '0');
    *number = sum;
    return sum >= low && sum <= high;
}

bool options_seconds(const char *text, uint64_t *time_us)
{
    char with_unit[32];
    size_t bytes = strlen(text);
    bool bare = bytes > 0 && text[bytes - 1] >= '0' && text[bytes - 1] <= '9';

    if (bytes + 2 > sizeof with_unit)
        return false;
    (void)snprintf(with_unit, sizeof with_unit, "%s%s", text, bare ? "s" : "");
    return quantity_time_us(with_unit, time_us) && *time_us > 0 &&
           *time_us <= UINT64_C(86400000000);
}

/* Copies the next member of a comma-separated list and moves *list past it. */
static bool options_member(const char **list, char *member, size_t cap_bytes)
{
    size_t bytes = strcspn(*list, ",");

    if (bytes == 0 || bytes >= cap_bytes)
        return false;
    memcpy(member, *list, bytes);
    member[bytes] = '\0';
    *list += bytes + ((*list)[bytes] == ',' ? 1 : 0);
    return true;
}

static bool options_addr(network_options *n, const char *list)
{
    char member[TERN_ADDRESS_TEXT_BYTES];
    tern_address address;

    do {
        if (!options_member(&list, member, sizeof member) || !tern_address_parse(member, &address))
            return false;
        n->address[tern_address_is_ipv4(&address) ? 0 : 1] = address;
    } while (*list != '\0');
    return true;
}

static bool options_peer(network_options *n, const char *list)
{
    char member[TERN_ADDRESS_TEXT_BYTES + 4];
    tun_network net;
    uint64_t bits;

    do {
        if (!options_member(&list, member, sizeof member))
            return false;
        char *slash = strchr(member, '/');
        if (slash == NULL)
            return false;
        *slash = '\0';
        if (!tern_address_parse(member, &net.address))
            return false;
        bool ipv4 = tern_address_is_ipv4(&net.address);
        if (!options_number(slash + 1, 1, ipv4 ? 31 : 127, &bits))
            return false;
        net.prefix_bits = (unsigned)bits;
        *(ipv4 ? &n->device.ipv4 : &n->device.ipv6) = net;
    } while (*list != '\0');
    return true;
}

/* The options that impair the wire. */
static bool options_impair(network_options *n, int option, const char *value)
{
    n->impaired = n->impaired || option != OPTION_SEED;
    switch (option) {
    case OPTION_LOSS:
        return quantity_share_ppm(value, &n->link.odds.loss_ppm);
    case OPTION_REORDER:
        return quantity_share_ppm(value, &n->link.odds.reorder_ppm);
    case OPTION_DUPLICATE:
        return quantity_share_ppm(value, &n->link.odds.duplicate_ppm);
    case OPTION_DELAY:
        return quantity_time_us(value, &n->link.delay_us);
    default:
        return options_number(value, 0, UINT64_MAX, &n->link.seed);
    }
}

/* What an option's value must look like. */
static const char *options_wanted(int option)
{
    switch (option) {
    case OPTION_TUN:
        return N_("a name of at most 15 characters, without '/', ':' or spaces");
    case OPTION_ADDR:
        return N_("ADDRESS[,ADDRESS], such as 10.77.0.2,fd77::2");
    case OPTION_PEER:
        return N_("ADDRESS/BITS[,ADDRESS/BITS], such as 10.77.0.1/24,fd77::1/64");
    case OPTION_MTU:
        return N_("octets, from 576 to 65535");
    case OPTION_DELAY:
        return N_("a time, such as 30ms");
    case OPTION_SEED:
        return N_("a number");
    default:
        return N_("a share, such as 1%");
    }
}

bool network_options_take(network_options *n, const char *verb, int option, const char *value)
{
    uint64_t number = 0;
    bool good = true;

    switch (option) {
    case OPTION_TUN:
        good = strlen(value) > 0 && strlen(value) < sizeof n->device.name &&
               strpbrk(value, "/:% \t\n") == NULL;
        if (good)
            (void)snprintf(n->device.name, sizeof n->device.name, "%s", value);
        break;
    case OPTION_ADDR:
        good = options_addr(n, value);
        break;
    case OPTION_PEER:
        good = options_peer(n, value);
        break;
    case OPTION_MTU:
        good = options_number(value, TERN_MTU_MIN_BYTES, TERN_MTU_MAX_BYTES, &number);
        n->device.mtu_bytes = (unsigned)number;
        break;
    case OPTION_WATCH:
        n->watch = true;
        break;
    case OPTION_PROFILE:
        return behaviour_take_profile(&n->behaviour, verb, value);
    case OPTION_SET:
        return behaviour_take_set(&n->behaviour, verb, value);
    case OPTION_PCAP:
        n->pcap_path = value;
        break;
    case OPTION_COVERAGE:
        n->coverage_path = value;
        break;
    default:
        good = options_impair(n, option, value);
        break;
    }
    if (!good)
        (void)message_usage(verb, _("'%s' is not %s"), value, _(options_wanted(option)));
    return good;
}

static bool options_in_subnet(const tun_network *net, const tern_address *address)
{
    bool ipv4 = tern_address_is_ipv4(&net->address);
    unsigned bits = net->prefix_bits + (ipv4 ? 96 : 0), whole = bits / 8, rest = bits % 8;

    if (memcmp(net->address.octets, address->octets, whole) != 0)
        return false;
    return rest == 0 || (net->address.octets[whole] ^ address->octets[whole]) >> (8 - rest) == 0;
}

bool network_options_check(network_options *n, const char *verb)
{
    const tun_network *nets[2] = {&n->device.ipv4, &n->device.ipv6};

    if (n->device.mtu_bytes < OPTIONS_IPV6_MTU_BYTES) /* RFC 8200 5 */
        n->device.ipv6.prefix_bits = 0;
    for (int i = 0; i < 2; i++) {
        char tern[TERN_ADDRESS_TEXT_BYTES], host[TERN_ADDRESS_TEXT_BYTES];
        bool same = memcmp(&nets[i]->address, &n->address[i], sizeof n->address[i]) == 0;
        if (nets[i]->prefix_bits == 0 || (!same && options_in_subnet(nets[i], &n->address[i])))
            continue;
        (void)tern_address_text(&n->address[i], tern);
        (void)tern_address_text(&nets[i]->address, host);
        (void)message_usage(
            verb,
            _("tern's address %s and the host's %s/%u must be two of one subnet: give --addr "
              "and --peer"),
            tern, host, nets[i]->prefix_bits);
        return false;
    }
    return true;
}

int options_wrong(const char *verb, int result, char **argv)
{
    const char *word = argv[optind - 1];

    if (result == ':')
        return message_usage(verb, _("option %s needs a value"), word);
    if (optopt != 0 && optopt < OPTION_TUN)
        return message_usage(verb, _("unknown option -%c"), optopt);
    if (optopt != 0)
        return message_usage(verb, _("option %s takes no value"), word);
    return message_usage(verb, _("unknown option %s"), word);
}

void network_options_help(FILE *out)
{
    (void)fputs(
        _("\nThe wire:\n"
          "  --tun NAME        the TUN device to make, or to attach to (default: tern0, "
          "tern1, ...)\n"
          "  --addr A[,A]      tern's own addresses (default: 10.77.0.2,fd77::2)\n"
          "  --peer A/N[,A/N]  the host's addresses on the device, with the bits of the subnet\n"
          "                    (default: 10.77.0.1/24,fd77::1/64)\n"
          "  --mtu OCTETS      of the device (default: 1500; below 1280 there is no IPv6)\n"
          "  --loss P          lose this share of the packets, such as 1%, in each direction\n"
          "  --delay T         hold each packet for this long, such as 30ms, in each direction\n"
          "  --reorder P       hold this share back by up to 10 ms more, so that others overtake\n"
          "  --duplicate P     carry this share twice\n"
          "  --seed N          draw the same chances again (default: different at each run)\n"
          "  --watch           draw each connection as it lives, on stderr\n"
          "  --pcap FILE       write what tern sends and receives, for Wireshark and tshark\n"
          "  --coverage FILE   add to FILE what tern has reached (tern rules --coverage)\n"
          "  --profile P       behave as rfc9293, linux or freebsd does\n"
          "  --set KEY=VALUE   with one value changed (tern when --keys); may be given again\n"
          "The device needs root, or a network namespace of your own: unshare -rn. It is removed\n"
          "when the program ends, unless it was there before.\n"),
        out);
}

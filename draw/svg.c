/* svg.c - what the SVG pictures share: the head of the file with its fonts and colours, and text.
 *
 * One file without references to others. Colours are classes, once for light and once for dark;
 * no CSS variables, because not every program that shows SVG knows them. Text has a halo in the
 * colour of the page, so that it can be read where a line passes under it. */
#include "draw/svg.h"

#include <string.h>

#include "draw/columns.h"

#define SVG_SANS                                                                                   \
    "'Noto Sans','Noto Sans KR','Noto Sans CJK KR','Apple SD Gothic Neo','Malgun Gothic',"         \
    "'NanumGothic','Helvetica Neue',Arial,sans-serif"
#define SVG_MONO                                                                                   \
    "'DejaVu Sans Mono','SF Mono',Menlo,Consolas,'Noto Sans Mono CJK KR','NanumGothicCoding',"     \
    "monospace"

static const char svg_style[] =
    "text{font:12px " SVG_SANS ";fill:#1f2328;paint-order:stroke;stroke:#fff;stroke-width:3px;"
    "stroke-linejoin:round}\n"
    ".page{fill:#fff}\n"
    ".mono{font-family:" SVG_MONO "}\n"
    ".big{font-size:16px;font-weight:700}\n"
    ".bold{font-weight:700}\n"
    ".small{font-size:11px}\n"
    ".tiny{font-size:10.5px}\n"
    ".across{stroke-width:8px}\n" /* a line that it stands on ends beside it */
    ".dim{fill:#656d76}\n"
    ".bad{fill:#cf222e}\n"
    ".line{stroke:#1f2328;stroke-width:1.5;fill:none}\n"
    ".head{fill:#1f2328}\n"
    ".thin{stroke:#afb8c1;stroke-width:1;fill:none}\n"
    ".dash{stroke-dasharray:4 4}\n"
    ".cross{stroke:#cf222e;stroke-width:2.5;fill:none}\n"
    ".life{stroke-width:5;stroke-linecap:round}\n"
    ".pill text{fill:#fff;stroke:none;font-size:11px;font-weight:700}\n"
    ".closed{fill:#6e7781;stroke:#6e7781}\n"
    ".listen{fill:#0969da;stroke:#0969da}\n"
    ".opening{fill:#9a6700;stroke:#9a6700}\n"
    ".established{fill:#1a7f37;stroke:#1a7f37}\n"
    ".active{fill:#8250df;stroke:#8250df}\n"
    ".passive{fill:#1b7c83;stroke:#1b7c83}\n"
    "@media (prefers-color-scheme:dark){\n"
    "text{fill:#e6edf3;stroke:#0d1117}.page{fill:#0d1117}.dim{fill:#8d96a0}.bad{fill:#ff7b72}\n"
    ".line{stroke:#e6edf3}.head{fill:#e6edf3}.thin{stroke:#444c56}.cross{stroke:#ff7b72}\n"
    ".closed{fill:#8d96a0;stroke:#8d96a0}.listen{fill:#58a6ff;stroke:#58a6ff}\n"
    ".opening{fill:#d29922;stroke:#d29922}.established{fill:#3fb950;stroke:#3fb950}\n"
    ".active{fill:#bc8cff;stroke:#bc8cff}.passive{fill:#39c5cf;stroke:#39c5cf}\n"
    ".pill text{fill:#0d1117}\n"
    "}\n";

void svg_begin(FILE *out, int width, int height, const char *title)
{
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
            "height=\"%d\" role=\"img\">\n<title>",
            width, height, width, height);
    svg_escape(out, title, strlen(title));
    fprintf(out, "</title>\n<style>\n%s</style>\n", svg_style);
    fprintf(out, "<rect class=\"page\" width=\"%d\" height=\"%d\"/>\n", width, height);
}

void svg_end(FILE *out)
{
    fputs("</svg>\n", out);
}

const char *svg_state_class(tern_state state)
{
    switch (state) {
    case TERN_LISTEN:
        return "listen";
    case TERN_SYN_SENT:
    case TERN_SYN_RECEIVED:
        return "opening";
    case TERN_ESTABLISHED:
        return "established";
    case TERN_FIN_WAIT_1:
    case TERN_FIN_WAIT_2:
    case TERN_CLOSING:
    case TERN_TIME_WAIT:
        return "active";
    case TERN_CLOSE_WAIT:
    case TERN_LAST_ACK:
        return "passive";
    case TERN_CLOSED:
    case TERN_STATES:
        break;
    }
    return "closed";
}

void svg_escape(FILE *out, const char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        uint32_t c;
        size_t length = columns_decode(text + at, bytes - at, &c);
        if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else if (c == '&')
            fputs("&amp;", out);
        else if (c == '"')
            fputs("&quot;", out);
        else if (c < 0x20 || c == 0xfffe || c == 0xffff)
            fputc(' ', out);
        else if (c == 0xfffd)
            fputs("&#xfffd;", out);
        else
            fwrite(text + at, 1, length, out);
        at += length;
    }
}

void svg_text(FILE *out, const svg_place *at, const char *text, size_t bytes)
{
    static const char *const anchors[] = {
        [SVG_START] = "",
        [SVG_MIDDLE] = " text-anchor=\"middle\"",
        [SVG_END] = " text-anchor=\"end\"",
    };

    fprintf(out, "<text x=\"%d\" y=\"%d\"%s", at->x, at->y, anchors[at->anchor]);
    if (at->css[0] != '\0')
        fprintf(out, " class=\"%s\"", at->css);
    fputs(" xml:space=\"preserve\">", out);
    svg_escape(out, text, bytes);
    fputs("</text>\n", out);
}

void svg_words(FILE *out, const svg_place *at, const char *text)
{
    svg_text(out, at, text, strlen(text));
}

void svg_pill(FILE *out, int x, int y, tern_state state, const char *hint)
{
    svg_place middle = {x + SVG_PILL_WIDTH / 2, y + SVG_PILL_HEIGHT - 5, SVG_MIDDLE, "mono"};

    fputs("<g class=\"pill\">", out);
    if (hint != NULL) {
        fputs("<title>", out);
        svg_escape(out, hint, strlen(hint));
        fputs("</title>", out);
    }
    fprintf(out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"9\"/>",
            svg_state_class(state), x, y, SVG_PILL_WIDTH, SVG_PILL_HEIGHT);
    svg_words(out, &middle, tern_state_name(state));
    fputs("</g>\n", out);
}

void svg_ratio(FILE *out, int a, int b)
{
    long long parts = b == 0 ? 0 : (long long)a * 10000 / b;
    unsigned long long size = (unsigned long long)(parts < 0 ? -parts : parts);

    fprintf(out, "%s%llu.%04llu", parts < 0 ? "-" : "", size / 10000, size % 10000);
}

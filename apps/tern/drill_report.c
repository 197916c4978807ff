/* drill_report.c - what came of scripts: for a reader, for machines. */
#include "apps/tern/drill_report.h"

#include "apps/tern/i18n.h"

#include <string.h>

static const char *report_family(drill_family family)
{
    static const char *const names[] = {
        [DRILL_IPV4] = "ipv4", [DRILL_IPV6] = "ipv6", [DRILL_MAPPED] = "ipv4-mapped-ipv6"};
    return names[family];
}

size_t drill_report_count(const drill_report *report, drill_end end)
{
    size_t count = 0;

    for (size_t i = 0; i < report->count; i++)
        count += report->results[i].end == end ? 1 : 0;
    return count;
}

/* ---- For a reader --------------------------------------------------------------------------- */

static const char *report_word(drill_end end)
{
    static const char *const words[DRILL_ENDS] = {
        [DRILL_END_PASS] = N_("pass"),
        [DRILL_END_FAIL] = N_("FAIL"),
        [DRILL_END_UNSUPPORTED] = N_("unsupported"),
        [DRILL_END_ERROR] = N_("ERROR"),
        [DRILL_END_NO_TEXT] = N_("cannot be read"),
        [DRILL_END_NO_SCRIPT] = N_("no script"),
        [DRILL_END_TWICE] = N_("pass"),
    };
    return _(words[end]);
}

void drill_report_one(FILE *out, const drill_work *work, const drill_result *result)
{
    const tern_rule_info *rule = result->rule != TERN_RULE_NONE ? tern_rule_get(result->rule)
                                                                : NULL;

    if (result->end == DRILL_END_PASS || result->end == DRILL_END_TWICE)
        return;
    (void)fprintf(out, "%s", work->path);
    if (result->place.line > 0)
        (void)fprintf(out, ":%u:%u", result->place.line, result->place.column);
    if (!work->alone)
        (void)fprintf(out, " (%s)", report_family(work->family));
    (void)fprintf(out, ": %s: %s\n", report_word(result->end), result->text);
    if (result->line != NULL)
        (void)fprintf(out, "    %s\n", result->line);
    if (result->end != DRILL_END_FAIL)
        return;
    if (rule != NULL)
        (void)fprintf(out, _("  what tern decided last: %s (%s, %s)\n"), _(rule->text), rule->name,
                      rule->source);
    if (result->picture != NULL)
        (void)fprintf(out, "\n%s\n", result->picture);
}

void drill_report_summary(FILE *out, const drill_report *report)
{
    size_t same = drill_report_count(report, DRILL_END_TWICE);
    size_t unsupported = drill_report_count(report, DRILL_END_UNSUPPORTED);
    size_t failed = drill_report_count(report, DRILL_END_FAIL);
    size_t passed = drill_report_count(report, DRILL_END_PASS), all = report->count - same;

    (void)fprintf(out, _("%zu of %zu pass, %zu fail, %zu unsupported, %zu in error\n"), passed, all,
                  failed, unsupported, all - passed - failed - unsupported);
}

/* ---- For machines --------------------------------------------------------------------------- */

static void report_json_text(FILE *out, const char *text)
{
    (void)fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            (void)fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < ' ')
            (void)fprintf(out, "\\u%04x", (unsigned)*text);
        else
            (void)fputc(*text, out);
    }
    (void)fputc('"', out);
}

static void report_json_member(FILE *out, const char *name, const char *text)
{
    (void)fprintf(out, ",\"%s\":", name);
    report_json_text(out, text);
}

/* The rules that the script's run has hit. */
static void report_json_rules(FILE *out, const coverage *reached)
{
    const char *between = "";

    (void)fputs(",\"rules\":[", out);
    for (unsigned rule = 1; rule < TERN_RULES; rule++) {
        if (reached->rules[rule] == 0)
            continue;
        (void)fprintf(out, "%s\"%s\"", between, tern_rule_get((tern_rule)rule)->name);
        between = ",";
    }
    (void)fputc(']', out);
}

void drill_report_json(FILE *out, const drill_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        const drill_result *r = &report->results[i];
        if (r->end == DRILL_END_TWICE)
            continue;
        (void)fputs("{\"file\":", out);
        report_json_text(out, report->work[i].path);
        report_json_member(out, "ip_version", report_family(report->work[i].family));
        report_json_member(out, "verdict", drill_end_name(r->end));
        if (r->place.line > 0)
            (void)fprintf(out, ",\"line\":%u,\"column\":%u", r->place.line, r->place.column);
        if (r->end != DRILL_END_PASS) {
            report_json_member(out, "text", r->text);
            (void)fprintf(out, ",\"time_us\":%llu", (unsigned long long)r->at_us);
        }
        if (r->line != NULL)
            report_json_member(out, "script", r->line);
        if (r->end == DRILL_END_FAIL && r->rule != TERN_RULE_NONE) {
            report_json_member(out, "rule", tern_rule_get(r->rule)->name);
            report_json_member(out, "source", tern_rule_get(r->rule)->source);
        }
        report_json_rules(out, &r->reached);
        (void)fputs("}\n", out);
    }
}

/* What XML 1.0 has no character for is left out. */
static void report_xml_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '<')
            (void)fputs("&lt;", out);
        else if (*text == '>')
            (void)fputs("&gt;", out);
        else if (*text == '&')
            (void)fputs("&amp;", out);
        else if (*text == '"')
            (void)fputs("&quot;", out);
        else if ((unsigned char)*text >= ' ' || *text == '\n' || *text == '\t')
            (void)fputc(*text, out);
    }
}

static void report_junit_case(FILE *out, const drill_work *work, const drill_result *r)
{
    const char *what = r->end == DRILL_END_FAIL          ? "failure"
                       : r->end == DRILL_END_UNSUPPORTED ? "skipped"
                                                         : "error";

    (void)fputs("  <testcase classname=\"", out);
    (void)fputs(report_family(work->family), out);
    (void)fputs("\" name=\"", out);
    report_xml_text(out, work->path);
    (void)fputs("\"", out);
    if (r->end == DRILL_END_PASS) {
        (void)fputs("/>\n", out);
        return;
    }
    (void)fprintf(out, ">\n    <%s message=\"", what);
    if (r->place.line > 0)
        (void)fprintf(out, "%u:%u: ", r->place.line, r->place.column);
    report_xml_text(out, r->text);
    (void)fputs("\">", out);
    if (r->line != NULL)
        report_xml_text(out, r->line);
    if (r->picture != NULL) {
        (void)fputs("\n", out);
        report_xml_text(out, r->picture);
    }
    (void)fprintf(out, "</%s>\n  </testcase>\n", what);
}

void drill_report_junit(FILE *out, const drill_report *report)
{
    size_t same = drill_report_count(report, DRILL_END_TWICE);
    size_t failed = drill_report_count(report, DRILL_END_FAIL);
    size_t skipped = drill_report_count(report, DRILL_END_UNSUPPORTED);
    size_t passed = drill_report_count(report, DRILL_END_PASS);

    (void)fprintf(out,
                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<testsuite name=\"tern drill\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
                  "skipped=\"%zu\">\n",
                  report->count - same, failed, report->count - same - failed - skipped - passed,
                  skipped);
    for (size_t i = 0; i < report->count; i++)
        if (report->results[i].end != DRILL_END_TWICE)
            report_junit_case(out, &report->work[i], &report->results[i]);
    (void)fputs("</testsuite>\n", out);
}

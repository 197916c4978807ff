/* shell.c - see shell.h. */
#include "apps/drill/shell.h"

#include <ctype.h>
#include <string.h>

static bool shell_is_end(const char *at)
{
    return *at == '\n' || *at == ';' || *at == '|' || (at[0] == '&' && at[1] == '&');
}

static const char *shell_take_end(const char *at, shell_command *c)
{
    size_t bytes = (at[0] == '|' || at[0] == '&') && at[1] == at[0] ? 2 : 1;

    memcpy(c->end, at, bytes);
    c->end[bytes] = '\0';
    return at + bytes;
}

/* "2>&1", "> /dev/null": without them. */
static void shell_drop_redirections(shell_command *c)
{
    size_t kept = 0;

    for (size_t i = 0; i < c->count; i++) {
        const char *word = c->words[i];
        size_t before = strspn(word, "0123456789&");
        if (word[before] != '>')
            c->words[kept++] = c->words[i];
        else if (word[strspn(word, "0123456789&>")] == '\0' && strchr(word + before, '&') == NULL)
            i++; /* the file is the next word */
    }
    c->count = kept;
}

/* A '#' at the beginning of a word: up to the end of the line. */
static const char *shell_skip_comment(const char *at)
{
    while (*at != '\0' && *at != '\n')
        at++;
    return at;
}

const char *shell_split(const char *text, shell_command *c)
{
    size_t at = 0;
    char quote = '\0';
    bool in_word = false;

    c->count = 0;
    c->end[0] = '\0';
    while (*text != '\0' && at + 1 < sizeof c->text) {
        if (quote == '\0' && !in_word && *text == '#')
            text = shell_skip_comment(text);
        if (quote == '\0' && shell_is_end(text)) {
            text = shell_take_end(text, c);
            break;
        }
        char l = *text != '\0' ? *text++ : '\n';
        if (l == '"' || l == '\'') {
            quote = quote == l ? '\0' : quote == '\0' ? l : quote;
            continue;
        }
        if (l == '\\' && *text == '\n') {
            text++;
            l = ' ';
        }
        if (quote == '\0' && isspace((unsigned char)l)) {
            if (in_word)
                c->text[at++] = '\0';
            in_word = false;
            continue;
        }
        if (!in_word && c->count < SHELL_WORDS_MAX)
            c->words[c->count++] = &c->text[at];
        in_word = true;
        c->text[at++] = l;
    }
    c->text[at] = '\0';
    shell_drop_redirections(c);
    return text;
}

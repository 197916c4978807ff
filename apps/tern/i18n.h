/* i18n.h - marks the texts that a user reads, for gettext.
 *
 * _("text") is translated where it stands; N_("text") only marks a constant in a table, which is
 * given to _() where it is printed. */
#ifndef TERN_APPS_I18N_H
#define TERN_APPS_I18N_H

#include <libintl.h>

#define _(text)  gettext(text)
#define N_(text) (text)

#endif

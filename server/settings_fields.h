/* Every setting once: its name in file, option and environment, its kind, range and words of help.
 *
 * An option is the key of the YAML file with '-' for '_'. Inside settings*.c only. */
#ifndef SERVER_SETTINGS_FIELDS_H
#define SERVER_SETTINGS_FIELDS_H

#include "base/text.h"
#include "server/settings.h"

enum setting_kind {
    SETTING_PATH,       /* char *: a relative one of a YAML file starts from that file's folder */
    SETTING_ADDRESS,    /* char *: an IP address */
    SETTING_INT,        /* int */
    SETTING_BYTES,      /* size_t: 65536, 64KiB, 1MiB, 2GiB */
    SETTING_NUMBER,     /* double */
    SETTING_BOOL,       /* bool */
    SETTING_LEVEL,      /* enum log_level */
    SETTING_ORIGINS,    /* struct text_list of normal origins */
    SETTING_NAMES,      /* struct text_list of lower case host names */
    SETTING_POSTGRES,   /* char *: as libpq takes it */
    SETTING_REDIS,      /* char * */
    SETTING_TOKEN,      /* char * */
    SETTING_TOKEN_FILE, /* char *: what the file says */
    SETTING_DEBUG       /* enum log_level: true is LOG_DEBUG, false changes nothing */
};

enum setting_flags {
    SETTING_FIXED = 1,   /* cannot change while the server runs */
    SETTING_SECRET = 2,  /* its value is shown in no message and is no option: `ps` shows options */
    SETTING_UNLISTED = 4 /* only in the environment */
};

struct setting_field {
    const char *name;
    enum setting_kind kind;
    unsigned flags;
    size_t offset;        /* in struct settings */
    double least, most;   /* of numbers */
    const char *variable; /* of the environment, NULL: none */
    const char *argument; /* of the option, as --help shows it */
    const char *help;     /* lines of --help */
};
extern const struct setting_field setting_fields[];
extern const size_t setting_field_count;

/* Sets a field from text. folder: where relative paths start, NULL: here. False: *why (cleared by the caller)
 * goes on after the setting's name, "must be 1 to 65535, not 'x'". */
bool setting_set(struct settings *settings, const struct setting_field *field, const char *text,
                 const char *folder, struct text *why);
/* As setting_set, an item of a list; the first empties it of what earlier sources said (is_first). */
bool setting_add(struct settings *settings, const struct setting_field *field, const char *item,
                 bool is_first, struct text *why);
bool setting_is_list(const struct setting_field *field);
/* Whether a and b differ in this field. */
bool setting_differs(const struct settings *a, const struct settings *b, const struct setting_field *field);
/* Gives `to` a copy of the field of `from`. */
void setting_copy(struct settings *to, const struct settings *from, const struct setting_field *field);
/* Frees what settings own. */
void settings_clear(struct settings *settings);

/* settings_file.c: the keys of a YAML file. Every mistake is a problem, all at once. */
void settings_read_file(struct settings *settings, const char *path, const char *text, size_t length,
                        struct problems *problems);

/* settings_options.c: what the command line said; texts are argv's. */
struct setting_texts {
    const char *config;  /* --config */
    const char **values; /* one a field, NULL: not given; free() */
};
status settings_read_options(struct setting_texts *out, int argc, char **argv, bool *help, struct error *err);

#endif

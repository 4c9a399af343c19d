/* Writing errors; see error_body.h. */
#include "server/http/error_body.h"
#include "server/http/writer.h"
#include "server/plain_message.h"

static void write_message(struct writer *w, const char *key, const char *message,
                          const struct settings *settings) {
    struct text plain = {0};
    text_add_string(&plain, message);
    plain_message_of(plain.data, settings);
    writer_key_string(w, key, plain.data);
    text_clear(&plain);
}

static void write_number(struct writer *w, const char *key, int number) {
    if (number > 0)
        writer_key_int(w, key, number);
    else
        writer_key_null(w, key);
}

static void write_place(struct writer *w, int line, int column) {
    write_number(w, "line", line);
    write_number(w, "column", column);
}

static void write_problems(struct writer *w, const struct problems *problems,
                           const struct settings *settings) {
    writer_key(w, "problems");
    writer_array(w);
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->items[i];
        writer_map(w);
        write_place(w, problem->line, problem->column);
        write_message(w, "message", problem->message, settings);
        writer_end(w);
    }
    writer_end(w);
}

void error_body_write(struct text *out, const char *code, const char *field, const struct error *err,
                      const struct problems *problems, const struct settings *settings) {
    const struct problem *first = problems && problems->count ? problems->items : NULL;
    struct writer w = writer_start(out, FORMAT_JSON);
    writer_map(&w);
    write_message(&w, "detail", first ? first->message : err->message, settings);
    writer_key(&w, "error");
    writer_map(&w);
    writer_key_string(&w, "code", code);
    writer_key_string(&w, "field", field);
    write_place(&w, first ? first->line : err->line, first ? first->column : err->column);
    writer_end(&w);
    if (first) write_problems(&w, problems, settings);
    writer_end(&w);
}

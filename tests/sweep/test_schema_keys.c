/* configs/: the schema for editors knows what the parser knows and nothing else; every example is a sweep
 * file without a mistake.
 *
 * The schema marks each map's keys with a line  "$comment": "keys of GROUP: a b c"; test_sweep_schema.py
 * checks that the properties beside it are those. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "sweep/spec_read.h"

#include "base/file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* configs/sweep.schema.json is for editors; it must know what the parser knows. */
#define KEYS_MARK "\"$comment\": \"keys of "

static void configs_path(char path[4096], const char *name) {
    const char *slash = strrchr(__FILE__, '/');
    snprintf(path, 4096, "%.*s/../../configs/%s", (int)(slash - __FILE__), __FILE__, name);
}

static const struct spec_group *group_called(const char *name) {
    size_t count;
    const struct spec_group *const *groups = spec_groups(&count);
    for (size_t i = 0; i < count; i++) {
        if (groups[i] == &spec_top_keys) continue; /* {top: N} stands inside keep */
        if (strcmp(*groups[i]->name ? groups[i]->name : "the file", name) == 0) return groups[i];
    }
    fail_msg("the parser has no group '%s'", name);
    return NULL;
}

/* The words of a mark are exactly the keys of its group. */
static void check_mark(char *name) {
    char *colon = strchr(name, ':'), *end = strchr(name, '"'), *word;
    assert_true(colon && end && colon < end);
    *colon = *end = '\0';
    const struct spec_group *group = group_called(name);
    char *rest = colon + 1;
    size_t words = 0;
    while ((word = strsep(&rest, " "))) {
        bool is_key = false;
        if (!*word) continue;
        for (size_t i = 0; i < group->count; i++)
            is_key |= strcmp(group->keys[i].name, word) == 0;
        if (!is_key) fail_msg("the parser does not know '%s' of %s", word, name);
        words++;
    }
    if (words != group->count)
        fail_msg("the schema has %zu of the %zu keys of %s", words, group->count, name);
}

static void the_schema_has_exactly_the_keys_of_the_parser(void **state) {
    (void)state;
    char path[4096], line[4096];
    size_t groups, marks = 0;
    configs_path(path, "sweep.schema.json");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        char *mark = strstr(line, KEYS_MARK);
        if (!mark) continue;
        check_mark(mark + strlen(KEYS_MARK));
        marks++;
    }
    fclose(file);
    spec_groups(&groups);
    assert_int_equal(marks, groups - 1);
}

static void every_example_is_a_sweep_file_without_a_mistake(void **state) {
    (void)state;
    char folder[4096], path[4096];
    configs_path(folder, "");
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || strcmp(dot, ".yaml") != 0 || strcmp(entry->d_name, "serve.yaml") == 0)
            continue; /* serve.yaml is the server's: tests/server/test_settings.c */
        configs_path(path, entry->d_name);
        char *text;
        size_t length;
        struct sweep_spec *spec;
        struct problems problems = {0};
        assert_int_equal(file_read(&text, &length, path, NULL), OK);
        if (spec_parse(&spec, text, length, path, &problems) != OK)
            fail_msg("%s:%d:%d: %s", entry->d_name, problems.items[0].line, problems.items[0].column,
                     problems.items[0].message);
        FILE *strategy = fopen(spec->strategy_path, "r");
        if (!strategy) fail_msg("%s: there is no %s", entry->d_name, spec->strategy_path);
        fclose(strategy);
        spec_close(spec);
        free(text);
        count++;
    }
    closedir(directory);
    assert_true(count > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_schema_has_exactly_the_keys_of_the_parser),
        cmocka_unit_test(every_example_is_a_sweep_file_without_a_mistake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The table of metrics: names are found, unique and complete; the document's result fields come first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "kmill/metrics.h"

#include <string.h>

static void every_metric_is_found_by_its_name_only(void **state) {
    (void)state;
    enum metric found;
    for (int i = 0; i < METRIC_COUNT; i++) {
        const struct metric_info *info = metric_info((enum metric)i);
        assert_true(metric_find(&found, info->name));
        assert_int_equal(found, i);
        assert_string_equal(metric_names()[i], info->name);
        assert_true(*info->formula && *info->unit && info->better >= -1 && info->better <= 1);
    }
    assert_false(metric_find(&found, "profitrate"));
    assert_false(metric_find(&found, ""));
}

/* The result object of the document that the project implements, in its order. */
static void the_documents_fields_come_first(void **state) {
    (void)state;
    static const char *const fields[] = {"initialBalance", "finalBalance", "profit",  "profitRate",
                                         "maxDrawdown",    "totalTrades",  "winRate", "baseAsset",
                                         "quoteAsset",     "baseFee",      "quoteFee"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        assert_string_equal(metric_info((enum metric)i)->name, fields[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_metric_is_found_by_its_name_only),
        cmocka_unit_test(the_documents_fields_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "table_cell.h"
#include "test_main.h"

#include <string.h>

START_TEST(cells_are_read_as_people_write_them)
{
    static const struct {
        const char *text;
        bool decimal_comma;
        enum lrp_cell_kind kind;
        double number;
    } cells[] = {
        {"12.5", false, LRP_CELL_NUMBER, 12.5},
        {"-3", false, LRP_CELL_NUMBER, -3},
        {"1e-3", false, LRP_CELL_NUMBER, 1e-3},
        {".5", false, LRP_CELL_NUMBER, 0.5},
        {"2,816.11", false, LRP_CELL_NUMBER, 2816.11},
        {"1,234,567", false, LRP_CELL_NUMBER, 1234567},
        {"1,234", false, LRP_CELL_NUMBER, 1234},
        {"1,234", true, LRP_CELL_NUMBER, 1.234},
        {"0,69", true, LRP_CELL_NUMBER, 0.69},
        {"0,69", false, LRP_CELL_WORD, 0},
        {"0,123", false, LRP_CELL_WORD, 0}, /* no thousands begin with 0 */
        {"12,34,567", false, LRP_CELL_WORD, 0},
        {"1,23", false, LRP_CELL_WORD, 0},
        {"1234,567", false, LRP_CELL_WORD, 0},
        {"1.234,5", true, LRP_CELL_NUMBER, 1234.5},
        {"1.234.567", true, LRP_CELL_NUMBER, 1234567},
        {"1.234", true, LRP_CELL_NUMBER, 1234},
        {"1.234", false, LRP_CELL_NUMBER, 1.234},
        {"12.5", true, LRP_CELL_NUMBER, 12.5},
        {"1,5e-3", true, LRP_CELL_NUMBER, 1.5e-3},
        {"1 234,5", true, LRP_CELL_NUMBER, 1234.5},
        {"1\xC2\xA0"
         "234",
         false, LRP_CELL_NUMBER, 1234},
        {"1'234'567.5", false, LRP_CELL_NUMBER, 1234567.5},
        {"1'234,567", false, LRP_CELL_WORD, 0}, /* two kinds of marks */
        {"45%", false, LRP_CELL_NUMBER, 45},
        {"45 %", false, LRP_CELL_NUMBER, 45},
        {"$1,234.56", false, LRP_CELL_NUMBER, 1234.56},
        {"-$5", false, LRP_CELL_NUMBER, -5},
        {"$-5", false, LRP_CELL_NUMBER, -5},
        {"-$-5", false, LRP_CELL_WORD, 0},
        {"12,50 \xE2\x82\xAC", true, LRP_CELL_NUMBER, 12.5},
        {"\xC2\xA3"
         "3",
         false, LRP_CELL_NUMBER, 3},
        {"(12.5)", false, LRP_CELL_NUMBER, -12.5},
        {"\xE2\x88\x92"
         "7",
         false, LRP_CELL_NUMBER, -7},
        {"$", false, LRP_CELL_WORD, 0},
        {"%", false, LRP_CELL_WORD, 0},
        {"1.2.3", false, LRP_CELL_WORD, 0},
        {"2024-01-31", false, LRP_CELL_WORD, 0},
        {"12:30", false, LRP_CELL_WORD, 0},
        {"3+", false, LRP_CELL_WORD, 0},
        {">50", false, LRP_CELL_WORD, 0},
        {"four", false, LRP_CELL_WORD, 0},
        {"0x10", false, LRP_CELL_WORD, 0},
        {"", false, LRP_CELL_MISSING, 0},
        {"?", false, LRP_CELL_MISSING, 0},
        {"NA", false, LRP_CELL_MISSING, 0},
        {"NaN", false, LRP_CELL_MISSING, 0},
        {"nan", false, LRP_CELL_MISSING, 0},
        {"null", false, LRP_CELL_MISSING, 0},
        {"NULL", true, LRP_CELL_MISSING, 0},
        {"#N/A", false, LRP_CELL_MISSING, 0},
        {"-", false, LRP_CELL_PERHAPS_MISSING, 0},
        {"None", false, LRP_CELL_PERHAPS_MISSING, 0},
        {"Unknown", false, LRP_CELL_PERHAPS_MISSING, 0},
    };
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        double number = 0;
        struct lrp_csv_field cell = {cells[i].text, strlen(cells[i].text)};
        enum lrp_cell_kind kind = lrp_cell_read(&cell, cells[i].decimal_comma, &number);
        ck_assert_msg(kind == cells[i].kind, "\"%s\" is of kind %d", cells[i].text, (int)kind);
        ck_assert_msg(number == cells[i].number, "\"%s\" is read as %g", cells[i].text, number);
    }
}
END_TEST

START_TEST(quotes_dates_and_commas_are_seen)
{
    static const char *const dates[] = {"2024-01-31", "31.1.2024",        "1/31/24",
                                        "2024/1/3",   "2024-01-31 10:00", "2024-01-31T10:00:00Z",
                                        "2024-01"};
    static const char *const others[] = {"1.5", "192.168.10.11", "2024",
                                         "1-2", "2024-01-31x",   "a-b",
                                         "",    "12-34-5678-9",  "555-123-4567"};
    static const struct {
        const char *text;
        enum lrp_cell_comma meaning;
    } commas[] = {
        {"1,234", LRP_COMMA_EITHER},
        {"0,5", LRP_COMMA_DECIMAL},
        {"1.234,5", LRP_COMMA_DECIMAL},
        {"1,234.5", LRP_COMMA_THOUSANDS},
        {"1,234,567", LRP_COMMA_THOUSANDS},
        {"Smith, John", LRP_COMMA_NONE},
        {"1.5", LRP_COMMA_NONE},
    };
    struct lrp_csv_field cell = {" 'red' ", 7};
    cell = lrp_cell_bare(&cell);
    ck_assert(cell.length == 3 && memcmp(cell.text, "red", 3) == 0);
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        cell = (struct lrp_csv_field){dates[i], strlen(dates[i])};
        ck_assert_msg(lrp_cell_is_date(&cell), "%s", dates[i]);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        cell = (struct lrp_csv_field){others[i], strlen(others[i])};
        ck_assert_msg(!lrp_cell_is_date(&cell), "%s", others[i]);
    }
    for (size_t i = 0; i < sizeof commas / sizeof commas[0]; i++) {
        cell = (struct lrp_csv_field){commas[i].text, strlen(commas[i].text)};
        ck_assert_msg(lrp_cell_comma_meaning(&cell) == commas[i].meaning, "%s", commas[i].text);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("table_cell");
    TCase *tests = tcase_create("table_cell");
    tcase_add_test(tests, cells_are_read_as_people_write_them);
    tcase_add_test(tests, quotes_dates_and_commas_are_seen);
    suite_add_tcase(suite, tests);
    return suite;
}

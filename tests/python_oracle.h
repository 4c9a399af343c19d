/* Oracles: a Python script beside the test as the second implementation, read line by line or fed through
 * files.
 *
 * The script's folder is that of the source file. python3 is the interpreter unless KMILL_PYTHON names
 * another. */
#ifndef TESTS_PYTHON_ORACLE_H
#define TESTS_PYTHON_ORACLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline const char *oracle_python(void) {
    const char *python = getenv("KMILL_PYTHON");
    return python && *python ? python : "python3";
}

/* Starts `python SCRIPT ARGUMENTS` with its output to read; SCRIPT lies beside source_file (__FILE__). NULL
 * if the shell cannot start; pclose gives the script's exit status. */
static inline FILE *oracle_open(const char *source_file, const char *script, const char *arguments) {
    const char *slash = strrchr(source_file, '/');
    int folder = slash ? (int)(slash - source_file + 1) : 0;
    char command[4096];
    snprintf(command, sizeof command, "'%s' -B '%.*s%s' %s", oracle_python(), folder, source_file, script,
             arguments);
    return popen(command, "r");
}

#endif

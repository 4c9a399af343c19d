/* `kmill --backtest`: the child that runs one backtest or checks one strategy for the server.
 *
 * stdin, one JSON object:
 *   {"task": "backtest", "id", "yaml": a sweep file's text of one run, "strategy": source, "store": folder,
 *    "trust": bool}
 *   {"task": "check", "strategy": source, "trust": bool}
 * stdout, one JSON object a line, without spaces in front of its values:
 *   {"event":"progress","bars":N,"total":M}      several times a second
 *   {"event":"result","result":{...}}            the last line: what `kmill backtest --json`
 *                                                prints with "id" in front; {"problems":[...]} of a check
 *   {"event":"error","code":N,"message":...,"line":N,"column":N,"problems":[...]}   or that; N: enum status
 */
#ifndef SERVER_WORK_BACKTEST_CHILD_H
#define SERVER_WORK_BACKTEST_CHILD_H

#define RESULT_EVENT "{\"event\":\"result\",\"result\":"
#define RESULT_EVENT_END "}\n"

/* The whole process; its exit code. Main thread. */
int backtest_child_main(void);

#endif

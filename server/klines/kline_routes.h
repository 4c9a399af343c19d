/* Handlers of the kline folder whose table is in kline_routes.c. */
#ifndef SERVER_KLINES_KLINE_ROUTES_H
#define SERVER_KLINES_KLINE_ROUTES_H

#include "server/http/request.h"

/* kline_names.c */
bool kline_symbols_quick(struct request *request);
void kline_symbols(struct request *request);
bool kline_intervals_quick(struct request *request);
void kline_intervals(struct request *request);
/* kline_series.c */
void kline_series_list(struct request *request);
void kline_series_one(struct request *request);
/* kline_overview.c */
bool kline_overview_quick(struct request *request);
void kline_overview(struct request *request);

#endif

"""Random UTC times for test_clock.c: milliseconds, datetime.isoformat(), date, day number, parsed another way."""

import random
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
draw = random.Random(3)
low, high = -62135596800000, 253402300799999  # years 1 to 9999
for i in range(50000):
    ms = draw.randrange(low, high + 1) if i % 2 else draw.randrange(1483228800000, 1893456000000)
    if i % 5 == 0:
        ms -= ms % 1000
    when = EPOCH + timedelta(milliseconds=ms)
    offset = timezone(timedelta(minutes=draw.randrange(-1439, 1440)))
    try:
        local = when.astimezone(offset).isoformat(sep=draw.choice("T "))
    except OverflowError:
        local = when.isoformat()
    day = (when.replace(hour=0, minute=0, second=0, microsecond=0) - EPOCH).days
    print(ms, when.isoformat(), when.date().isoformat(), day, local, sep="|")

"""Logs: one JSON object a line on standard output, each with the trace it belongs to and no personal data."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import structlog
from aiohttp.http_exceptions import HttpProcessingError

from shared.config import Settings
from shared.trace import trace_id

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET_WORDS = ("password", "secret", "token", "code", "phone", "email", "name", "authorization", "cookie")
_PLAIN = frozenset({"status_code", "error_code", "event_name", "task_name", "logger_name"})


def configure_logging(settings: Settings) -> None:
    """Send structlog's and the standard library's records to one place in one form."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace,
        _hide_personal,
    ]
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    renderer: list[Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if settings.log_format == "console"
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("aiohttp.server").addFilter(_speaks_http)
    for noisy in ("aiohttp.access", "aio_pika", "aiormq", "stripe"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _speaks_http(record: logging.LogRecord) -> bool:
    """Drop what is told of requests that are not HTTP: they were refused, and the record would quote their headers."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


def _add_trace(_: WrappedLogger, __: str, record: EventDict) -> EventDict:
    trace = trace_id()
    if trace:
        record["trace_id"] = trace
    return record


def _hide_personal(_: WrappedLogger, __: str, record: EventDict) -> EventDict:
    """Blank the values of keys that could carry a secret or a person's data: a last line of defence, not a licence."""
    for key in record:
        if key not in _PLAIN and any(word in key.lower() for word in _SECRET_WORDS):
            record[key] = "***"
    return record

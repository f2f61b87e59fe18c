"""The shapes that landing writes: landed events and dead letters, as Arrow schemas."""

from __future__ import annotations

import pyarrow as pa

#: Keys of the Segment envelope that are text, and the columns they become.
TEXT_COLUMNS = {
    "messageId": "message_id",
    "type": "type",
    "event": "event",
    "anonymousId": "anonymous_id",
    "userId": "user_id",
    "originalTimestamp": "original_timestamp",
    "sentAt": "sent_at",
    "receivedAt": "received_at",
}
#: Keys of the envelope that are objects; they are landed as JSON text.
JSON_COLUMNS = {"properties": "properties", "context": "context", "traits": "traits"}

#: What landing adds to every event, whatever its format.
PROVENANCE = pa.schema(
    [
        pa.field("_source_file", pa.string()),
        pa.field("_line_number", pa.int64()),
        pa.field("_batch_id", pa.string()),
        pa.field("_loaded_at", pa.timestamp("us")),
        pa.field("_content_hash", pa.string()),
    ]
)

#: One landed event of a JSON-lines file.
EVENTS = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in TEXT_COLUMNS.values()),
        *(pa.field(name, pa.string()) for name in JSON_COLUMNS.values()),
        pa.field("extra", pa.string()),
        *PROVENANCE,
    ]
)

#: One line that could not be landed.
DEAD_LETTERS = pa.schema(
    [
        pa.field("source_file", pa.string()),
        pa.field("line_number", pa.int64()),
        pa.field("reason", pa.string()),
        pa.field("raw", pa.string()),
        pa.field("_batch_id", pa.string()),
        pa.field("_loaded_at", pa.timestamp("us")),
    ]
)

"""What Schemathesis has to be told of media types."""

import schemathesis

# A raw mail is whatever bytes.
schemathesis.serializer.alias("message/rfc822", "application/octet-stream")

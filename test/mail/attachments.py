"""What Python's own parser finds in mails: for each file named on the command line, the digests of its parts and which of them are files."""

import hashlib
import json
import sys
from email import message_from_bytes


def leaves(part):
    """Parts without parts of their own; a mail that is kept as a file is one."""
    kept = part.get_content_maintype() == "message" and part.get_content_disposition() == "attachment"
    if part.is_multipart() and not kept and part.get_content_type() != "message/delivery-status":
        for one in part.get_payload():
            yield from leaves(one)
    elif not part.is_multipart():
        yield part


def described(part):
    content = part.get_payload(decode=True) or b""
    is_file = part.get_content_disposition() == "attachment" or part.get_filename() is not None
    return {"digest": hashlib.sha256(content).hexdigest(), "isFile": is_file and len(content) > 0}


found = {}
for path in sys.argv[1:]:
    with open(path, "rb") as mail:
        found[path] = [described(part) for part in leaves(message_from_bytes(mail.read()))]
json.dump(found, sys.stdout)

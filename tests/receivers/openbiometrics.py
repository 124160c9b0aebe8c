"""A receiver of OpenBiometrics with the documented check of the signature in Python."""

import hashlib
import hmac
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

SECRET = sys.argv[1]


def verify_webhook(payload: bytes, signature: str, secret: str) -> bool:
    expected = hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={expected}", signature)


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        payload = self.rfile.read(int(self.headers["Content-Length"]))
        if not verify_webhook(payload, self.headers["X-Signature-256"], SECRET):
            status = 401
        else:
            event = json.loads(payload)
            # The page documents both headers.
            assert self.headers["X-Event-ID"] == event["id"], self.headers
            assert self.headers["X-Event-Type"] == event["type"], self.headers
            print("got", event["id"], event["type"], flush=True)
            status = 200
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = HTTPServer(("127.0.0.1", 0), Receiver)
print("port", server.server_port, flush=True)
# It ends when the script closes the pipe.
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()

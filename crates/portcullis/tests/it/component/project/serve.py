"""Makes the component's tables and serves it on a free port, which it prints."""

import os
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

import django  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402


class Server(ThreadingMixIn, WSGIServer):
    """One thread for each connection, so that the component can ask its gateway while it answers it."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Says nothing about each request."""

    def log_message(self, *_arguments):
        pass


if __name__ == "__main__":
    django.setup()
    call_command("migrate", "--run-syncdb", verbosity=0)
    with make_server("127.0.0.1", 0, get_wsgi_application(), Server, Quiet) as server:
        print(f"component on {server.server_port}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            sys.exit(0)

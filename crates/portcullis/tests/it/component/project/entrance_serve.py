"""Makes the platform's tables and users and serves it on a free port, over https if it is told so."""

import datetime
import ipaddress
import os
import ssl
import sys
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "entrance"
if "ENTRANCE_TLS" in os.environ:
    os.environ["HTTPS"] = "on"

from wsgiref.simple_server import make_server  # noqa: E402

import django  # noqa: E402
from cryptography import x509  # noqa: E402
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402

from serve import Quiet, Server  # noqa: E402


def certify(folder):
    """A certificate for this address that has signed itself, and its key, as two files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "entrance")])
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    kind = serialization.PrivateFormat.PKCS8
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()))
    return files


if __name__ == "__main__":
    django.setup()
    call_command("migrate", "--run-syncdb", verbosity=0)
    from django.contrib.auth import get_user_model
    from rest_framework.authtoken.models import Token

    users = get_user_model().objects
    alice = users.create_superuser("alice", "alice@example.com", os.environ["ENTRANCE_PASSWORD"])
    for number in range(4):
        users.create_user(f"user{number}")
    token = Token.objects.create(user=alice)
    with make_server("127.0.0.1", 0, get_wsgi_application(), Server, Quiet) as server:
        if "ENTRANCE_TLS" in os.environ:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certify(Path(os.environ["COMPONENT_FOLDER"])))
            server.socket = context.wrap_socket(server.socket, server_side=True)
        print(f"{token.key} {server.server_port}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            sys.exit(0)

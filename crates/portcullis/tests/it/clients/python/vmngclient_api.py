"""vmngclient, from which catalystwan came. Arguments are one JSON object."""

from vmngclient.session import create_vManageSession
from vmngclient.utils.session_type import SessionType
from vmngclient.vmanage_auth import UnauthorizedAccessError

from manager_rig import BASE, GIVEN, WHO, Trace, expire, refused, run, sessions

TRACE = Trace()
LOGIN = [
    "POST /j_security_check 200",
    "GET /dataservice/client/token 200",
    "GET /dataservice/client/server 200",
]


def work():
    """Login, reading and writing at a service, logout."""
    with create_vManageSession(BASE, *WHO) as session:
        assert TRACE.take() == LOGIN
        assert session.session_type is SessionType.SINGLE_TENANT, session.session_type
        assert session.platform_version == GIVEN["version"]
        assert len(session.get("dataservice/device").json()["data"]) == 2
        made = session.post("dataservice/template/feature", json={"templateName": "banner"})
        assert made.json()["received"] == "POST"
        assert len(sessions(WHO[0])) == 1
        TRACE.take()
    assert TRACE.take() == ["POST /logout 302", "GET /welcome.html 200"]
    assert sessions(WHO[0]) == []


def wrong_password():
    """One request and an error."""
    refused(lambda: create_vManageSession(BASE, WHO[0], "wrong"), UnauthorizedAccessError)
    assert TRACE.take() == ["POST /j_security_check 200"]


def expired():
    """A session that ends behind its back is made anew once, and not for ever."""
    session = create_vManageSession(BASE, *WHO)
    expire(WHO[0])
    TRACE.take()
    assert len(session.get("dataservice/device").json()["data"]) == 2
    healed = [GIVEN["dead"], *LOGIN[:2], "GET /dataservice/device 200"]
    assert TRACE.take() == healed
    assert len(session.get("dataservice/device").json()["data"]) == 2
    assert TRACE.take() == ["GET /dataservice/device 200"]
    session.close()
    assert sessions(WHO[0]) == []


run([work, wrong_password, expired])

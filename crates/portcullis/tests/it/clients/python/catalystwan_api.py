"""catalystwan used as its users do. Arguments are one JSON object; an assertion that fails ends it."""

import threading
import uuid

import requests
from catalystwan.endpoints.administration_user_and_group import (
    ProfilePasswordUpdateRequest,
    User,
    UserGroup,
    UserGroupTask,
    UserUpdateRequest,
)
from catalystwan.endpoints.configuration_settings import (
    ClientSessionTimeout,
    MaxSessionsPerUser,
    ServerSessionTimeout,
    SessionLifeTime,
)
from catalystwan.exceptions import ManagerHTTPError, TenantSubdomainNotFound
from catalystwan.session import ManagerSession, create_manager_session
from catalystwan.utils.session_type import SessionType
from catalystwan.vmanage_auth import UnauthorizedAccessError, create_vmanage_auth

from manager_rig import ADMIN, BASE, GIVEN, WHO, Trace, expire, is_alive, login, portcullis, refused, run, sessions

TRACE = Trace()
LOGIN = [
    "POST /j_security_check 200",
    "GET /dataservice/client/token 200",
    "GET /dataservice/client/server 200",
]
LOGOUT = ["POST /logout 302", "GET /welcome.html 200"]


def connect(who=WHO, **more):
    return create_manager_session(BASE, *who, **more)


def cookie_of(session):
    return "JSESSIONID=" + session._auth.jsessionid


def devices(session):
    """A service's answer, as it was sent."""
    answer = session.get("dataservice/device")
    assert "set-cookie" not in answer.headers, answer.headers
    listed = answer.json()["data"]
    assert [device["host-name"] for device in listed] == ["edge-1", "edge-2"], listed
    return listed


def work():
    """Login, reading and writing at a service, logout: just the requests that a Manager gets."""
    with connect() as session:
        assert TRACE.take() == LOGIN
        assert session.session_type is SessionType.SINGLE_TENANT, session.session_type
        assert session.platform_version == GIVEN["version"], session.platform_version
        about = session.about()
        assert about.version == GIVEN["version"], about
        devices(session)
        made = session.post("dataservice/template/feature", json={"templateName": "banner"})
        assert made.json() == {"received": "POST", "bytes": 26}, made.text
        changed = session.put("dataservice/template/feature/7", json={"templateName": "motd"})
        assert changed.json()["received"] == "PUT"
        assert session.delete("dataservice/template/feature/7").status_code == 200
        assert TRACE.take() == [
            "GET /dataservice/client/about 200",
            "GET /dataservice/device 200",
            "POST /dataservice/template/feature 200",
            "PUT /dataservice/template/feature/7 200",
            "DELETE /dataservice/template/feature/7 200",
        ]
        cookie = cookie_of(session)
        assert is_alive(cookie) and len(sessions(WHO[0])) == 1
        TRACE.take()
    assert TRACE.take() == LOGOUT
    assert sessions(WHO[0]) == [] and not is_alive(cookie)


def address():
    """The ways to name the server."""
    with connect((WHO[0], WHO[1])) as session:
        devices(session)
    host, port = BASE.split("://")[1].split(":")
    if BASE.startswith("https"):
        # Without a scheme the client takes https, and the port may come apart.
        with create_manager_session(host, *WHO, port=int(port)) as session:
            devices(session)
    else:
        with create_manager_session("http://" + host, *WHO, port=int(port)) as session:
            devices(session)
    with connect() as session:
        session.wait_server_ready(20, 1)


def wrong_password():
    """One request, an error that says so, and no session."""
    error = refused(lambda: connect((WHO[0], "wrong")), UnauthorizedAccessError)
    assert "wrong" not in str(error) and WHO[0] in str(error), error
    assert TRACE.take() == ["POST /j_security_check 200"]
    refused(lambda: connect((WHO[0], "")), UnauthorizedAccessError)
    refused(lambda: connect(("nobody", WHO[1])), UnauthorizedAccessError)
    assert TRACE.take() == ["POST /j_security_check 200"] * 2
    assert sessions(WHO[0]) == []


def users():
    """Users, groups and roles, at the gateway's own endpoints."""
    with connect(ADMIN) as session:
        api = session.api.users
        assert api.get_role().is_admin is True
        assert isinstance(api.get_auth_type(), str)
        assert {ADMIN[0], WHO[0]} <= {user.username for user in api.get()}
        assert "_system" not in {user.username for user in api.get()}
        api.create(
            User(username="made", password="wonder land 42 y", group=["operator"], locale="en_US", description="by hand")
        )
        made = api.get().filter(username="made").single_or_default()
        assert made.group == ["operator"] and made.description == "by hand" and made.password is None, made
        api.update(UserUpdateRequest(username="made", group=["netadmin"], locale="en_US", description="changed"))
        made = api.get().filter(username="made").single_or_default()
        assert made.group == ["netadmin"] and made.description == "changed", made
        api.update_password("made", "wonder land 42 z", ADMIN[1])
        refused(lambda: connect(("made", "wonder land 42 y")), UnauthorizedAccessError)
        with connect(("made", "wonder land 42 z")) as other:
            assert other.api.users.get_role().is_admin is True
        api.reset("made")
        twice = refused(
            lambda: api.create(User(username="made", password="wonder land 42 y", group=["basic"])), ManagerHTTPError
        )
        assert twice.info.message and twice.info.details and twice.info.code, twice.info
        api.delete("made")
        assert "made" not in {user.username for user in api.get()}
        gone = refused(lambda: api.delete("made"), ManagerHTTPError)
        assert gone.info.message and gone.info.details and gone.info.code, gone.info
        refused(lambda: connect(("made", "wonder land 42 z")), UnauthorizedAccessError)

        groups = session.api.user_groups
        assert {"netadmin", "operator", "basic"} <= {group.group_name for group in groups.get()}
        task = UserGroupTask(enabled=True, feature="Alarms", read=True, write=False)
        groups.create(UserGroup(group_name="night-shift", tasks=[task]))
        kept = groups.get().filter(group_name="night-shift").single_or_default()
        assert kept.tasks == [task], kept
        groups.update(UserGroup(group_name="night-shift", tasks=[task.model_copy(update={"write": True})]))
        assert groups.get().filter(group_name="night-shift").single_or_default().tasks[0].write is True
        groups.delete("night-shift")
        assert "night-shift" not in {group.group_name for group in groups.get()}


def rights():
    """Who administers nothing is told so, with all three parts of an error, and stays signed in."""
    with connect() as session:
        assert session.api.users.get_role().is_admin is False
        for call in (
            lambda: session.api.users.create(User(username="x", password="wonder land 42 x", group=["netadmin"])),
            lambda: session.api.users.delete(ADMIN[0]),
            lambda: session.api.sessions.get(),
            lambda: session.endpoints.configuration_settings.edit_session_life_time(
                SessionLifeTime(session_life_time=60)
            ),
        ):
            error = refused(call, ManagerHTTPError)
            assert error.response.status_code == 403, error.response.status_code
            assert error.info.message and error.info.details and error.info.code, error.info
        devices(session)
        # A change without the session's token.
        answer = requests.post(
            BASE + "/dataservice/template/feature",
            headers={"Cookie": cookie_of(session), "X-XSRF-TOKEN": "0" * 100},
            json={},
            verify=False,
            timeout=30,
        )
        assert answer.status_code == 403 and "SessionTokenFilter" in answer.text, answer.text


def active_sessions():
    """The sessions of others are listed and ended; whose session it was signs in again."""
    with connect(ADMIN) as admin, connect() as other:
        listed = admin.api.sessions.get()
        assert [it.raw_username for it in listed] == [WHO[0]], listed
        assert listed[0].uuid and listed[0].raw_id and listed[0].last_accessed_time, listed
        assert cookie_of(other).split("=")[1] not in str(listed)
        message = admin.api.sessions.invalidate(list(listed))
        assert message.message, message
        assert len(admin.api.sessions.get()) == 0
        TRACE.take()
        devices(other)
        assert TRACE.take() == ["GET /dataservice/device 401", *LOGIN, "GET /dataservice/device 200"]
        devices(admin)
        assert TRACE.take() == ["GET /dataservice/device 200"], "the asking session lives on"


def settings():
    """The settings of the session policy, in the client's own models."""
    with connect(ADMIN) as session:
        api = session.endpoints.configuration_settings
        assert api.get_session_life_time()[0].session_life_time == 1440
        assert api.get_server_session_timeout()[0].server_session_timeout == 30
        assert api.edit_session_life_time(SessionLifeTime(session_life_time=60))[0].session_life_time == 60
        assert api.get_session_life_time()[0].session_life_time == 60
        api.edit_server_session_timeout(ServerSessionTimeout(server_session_timeout=20))
        assert api.get_server_session_timeout()[0].server_session_timeout == 20
        api.edit_client_session_timeout(ClientSessionTimeout(is_enabled=True, timeout=20))
        kept = api.get_client_session_timeout()[0]
        assert kept.is_enabled is True and kept.timeout == 20, kept
        api.edit_max_sessions_per_user(MaxSessionsPerUser(max_sessions_per_user=3))
        assert api.get_max_sessions_per_user()[0].max_sessions_per_user == 3
        # The fourth session of a user ends the one that rested longest.
        cookies = [login(*WHO) for _ in range(4)]
        assert [is_alive(cookie) for cookie in cookies] == [False, True, True, True]


def healed():
    """Sessions that end behind the client's back: its user sees nothing of it."""
    with connect() as session:
        first = cookie_of(session)
        expire(WHO[0])
        TRACE.take()
        devices(session)
        assert TRACE.take() == ["GET /dataservice/device 401", *LOGIN, "GET /dataservice/device 200"]
        assert cookie_of(session) != first
        expire(WHO[0])
        made = session.post("dataservice/template/feature", json={"templateName": "banner"})
        assert made.json() == {"received": "POST", "bytes": 26}, "the whole body goes a second time"
        lines = TRACE.take()
        assert lines[0] == "POST /dataservice/template/feature 401", lines
        assert lines[1:] == [*LOGIN, "POST /dataservice/template/feature 200"], lines
        expire(WHO[0])
        assert session.api.users.get_role().is_admin is False
        # Signing out of a session that is no more is no error.
        expire(WHO[0])
        TRACE.take()
    assert TRACE.take() == LOGOUT


def older_page():
    """The same where the service answers a dead session as old releases did."""
    with connect() as session:
        expire(WHO[0])
        TRACE.take()
        devices(session)
        assert TRACE.take() == ["GET /dataservice/device 200", *LOGIN, "GET /dataservice/device 200"]
        # The gateway's own endpoints know one way only.
        expire(WHO[0])
        TRACE.take()
        assert session.api.users.get_role().is_admin is False
        assert TRACE.take()[0] == "GET /dataservice/admin/user/role 401"


def restarted():
    """A service that is about to restart: the client waits until all is ready and signs in anew."""
    with connect() as session:
        session.restart_imminent(60)
        TRACE.take()
        refused(lambda: session.get("dataservice/restarting"), ManagerHTTPError)
        assert TRACE.take() == [
            "GET /dataservice/restarting 503",
            "HEAD / 200",
            "GET /dataservice/client/server/ready 200",
            *LOGIN,
        ]
        devices(session)
    assert len(sessions(WHO[0])) == 1, "the session from before was left behind"
    expire(WHO[0])


def too_fast():
    """More bulk requests than a minute may have: an error that can be read, and the session goes on."""
    with connect() as session:
        portcullis("setting", "set", "catalyst.bulkRequestsPerMinute", "1")
        errors = []
        for _ in range(3):
            try:
                session.get("dataservice/data/device/statistics/devicesystemstatusstatistics")
            except ManagerHTTPError as error:
                errors.append(error)
        assert errors, "never too fast"
        assert {error.response.status_code for error in errors} == {429}
        assert errors[0].info.message == "Too many requests" and errors[0].info.code, errors[0].info
        assert int(errors[0].response.headers["Retry-After"]) >= 1
        portcullis("setting", "set", "catalyst.bulkRequestsPerMinute", "48")
        devices(session)
        assert not [line for line in TRACE.take() if "401" in line]


def evicted():
    """100 sessions live; with each further login goes the one that was not used for the longest time."""
    with connect() as session:
        devices(session)
        first = cookie_of(session)
        others = [login(*WHO) for _ in range(99)]
        assert is_alive(first) and is_alive(others[0])
        # All hundred live. Of those that were not used since their login, the third is the oldest now.
        login(*WHO)
        assert not is_alive(others[1]) and is_alive(others[2]) and is_alive(first)
        for _ in range(100):
            login(*WHO)
        assert not is_alive(first) and len(sessions(WHO[0])) == 100
        TRACE.take()
        devices(session)
        assert TRACE.take() == ["GET /dataservice/device 401", *LOGIN, "GET /dataservice/device 200"]


def changed_password():
    """A password that somebody else changes ends the sessions; the old one is tried once and no more."""
    with connect() as session:
        with connect(ADMIN) as admin:
            admin.api.users.update_password(WHO[0], "wonder land 43 y", ADMIN[1])
        TRACE.take()
        refused(lambda: session.get("dataservice/device"), UnauthorizedAccessError)
        assert TRACE.take() == ["GET /dataservice/device 401", "POST /j_security_check 200"]
        assert sessions(WHO[0]) == []
    TRACE.take()
    with connect((WHO[0], "wonder land 43 y")) as session:
        devices(session)
        # One's own: the session that changes it goes on, and its cookie is left alone.
        before = cookie_of(session)
        session.endpoints.administration_user_and_group.update_profile_password(
            ProfilePasswordUpdateRequest(oldpassword="wonder land 43 y", newpassword="wonder land 44 z")
        )
        assert cookie_of(session) == before
        TRACE.take()
        devices(session)
        assert TRACE.take() == ["GET /dataservice/device 200"], "still signed in"
    with connect((WHO[0], "wonder land 44 z")) as session:
        devices(session)


def threads():
    """Several sessions in several threads share one authentication: one login, and one logout that counts."""
    auth = create_vmanage_auth(*WHO)
    begun = threading.Barrier(6)
    failures = []

    def one(end):
        try:
            with ManagerSession(base_url=BASE, auth=auth).login() as session:
                begun.wait(30)
                for _ in range(4):
                    devices(session)
                end.wait(30)
        except Exception as error:  # noqa: BLE001
            failures.append(repr(error))
            begun.abort()
            end.abort()

    end = threading.Barrier(7, action=lambda: live.append(len(sessions(WHO[0]))))
    live = []
    workers = [threading.Thread(target=one, args=(end,)) for _ in range(6)]
    for worker in workers:
        worker.start()
    end.wait(60)
    for worker in workers:
        worker.join(60)
    assert failures == [], failures
    assert live == [1], live
    lines = TRACE.take()
    assert lines.count("POST /j_security_check 200") == 1, lines
    assert lines.count("GET /dataservice/device 200") == 24, lines
    assert "POST /logout 302" in lines and not [line for line in lines if line.endswith(" 401")], lines
    assert sessions(WHO[0]) == []


def threads_healed():
    """A shared session that ends behind the back of all: they find together into a new one."""
    auth = create_vmanage_auth(*WHO)
    workers, failures = [], []
    together = [ManagerSession(base_url=BASE, auth=auth).login() for _ in range(4)]
    expire(WHO[0])
    TRACE.take()

    def one(session):
        try:
            for _ in range(3):
                devices(session)
        except Exception as error:  # noqa: BLE001
            failures.append(repr(error))

    for session in together:
        workers.append(threading.Thread(target=one, args=(session,)))
        workers[-1].start()
    for worker in workers:
        worker.join(60)
    assert failures == [], failures
    lines = TRACE.take()
    assert lines.count("GET /dataservice/device 200") == 12, lines
    assert lines.count("POST /j_security_check 200") == 1, lines
    for session in together:
        session.close()
    assert sessions(WHO[0]) == []


def provider():
    """Tenants: their list, one that is entered, one that is not there."""
    with connect(ADMIN) as session:
        assert session.session_type is SessionType.PROVIDER, session.session_type
        devices(session)
    TRACE.take()
    with connect(ADMIN, subdomain="north.example") as session:
        tenant = GIVEN["tenant"]
        assert TRACE.take() == [
            *LOGIN[:2],
            "GET /dataservice/tenant 200",
            f"POST /dataservice/tenant/{tenant}/vsessionid 200",
            LOGIN[2],
        ]
        assert session.session_type is SessionType.PROVIDER_AS_TENANT, session.session_type
        assert session.get_tenant_id() == tenant
        devices(session)
        expire(ADMIN[0])
        devices(session)
        lines = TRACE.take()
        assert f"POST /dataservice/tenant/{tenant}/vsessionid 200" in lines, "healed, and in the tenant again"
    error = refused(lambda: connect(ADMIN, subdomain="west.example"), TenantSubdomainNotFound)
    assert "west.example" in str(error), error
    # Who administers nothing enters no tenant.
    TRACE.take()
    refused(lambda: connect(subdomain="north.example"), Exception)
    assert not [line for line in TRACE.take() if "vsessionid 200" in line]
    made_up = requests.post(
        BASE + f"/dataservice/tenant/{uuid.uuid4()}/vsessionid",
        headers={"Cookie": login(*ADMIN)},
        verify=False,
        timeout=30,
    )
    assert made_up.status_code == 403, made_up.text


run(
    [
        work,
        address,
        wrong_password,
        users,
        rights,
        active_sessions,
        settings,
        healed,
        older_page,
        restarted,
        too_fast,
        evicted,
        changed_password,
        threads,
        threads_healed,
        provider,
    ]
)

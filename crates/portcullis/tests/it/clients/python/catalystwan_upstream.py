"""catalystwan through a gateway to a Manager with which it never speaks itself. Arguments are one JSON object."""

from catalystwan.session import create_manager_session

from manager_rig import BASE, GIVEN, WHO, Trace, run

TRACE = Trace()


def work():
    """Reads and writes. Whatever becomes of the session behind, the client notices nothing and signs in once."""
    with create_manager_session(BASE, *WHO) as session:
        assert session.platform_version == GIVEN["version"], session.platform_version
        listed = session.get("dataservice/device").json()["data"]
        assert len(listed) == 60 and listed[0]["host-name"] == "edge-1", listed
        made = session.post(
            "dataservice/template/feature",
            json={"templateName": WHO[0]},
            headers={"X-Lab-Key": "made by " + WHO[0]},
        ).json()
        assert made["templateName"] == WHO[0], made
        changed = session.put("dataservice/template/feature/7", json={"templateName": "motd"}).json()
        assert changed["templateName"] == "motd", changed
        for request in TRACE.requests:
            assert not request.url.startswith(GIVEN["behind"]), request.url
    sent = TRACE.take()
    logins = [line for line in sent if line.startswith("POST /j_security_check")]
    assert logins == ["POST /j_security_check 200"], sent
    assert all(line.split()[-1] in ("200", "302") for line in sent), sent


run([work])

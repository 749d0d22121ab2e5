//! Which paths are the contract's own.

use crate::catalyst::owned::owns;
use crate::dialect::Owned;

#[test]
fn what_opens_a_session_is_open_to_everybody() {
    for path in [
        "/j_security_check",
        "/dataservice/j_security_check",
        "/a/b/j_security_check",
        "/j_security_check;jsessionid=1",
        "/j_security_check/",
        "/dataservice/j_security_check%20",
        "/dataservice/J_Security_Check",
        "/logout",
        "/welcome.html",
        "/login.html",
        "/jwt/login",
        "/jwt/refresh",
        "/dataservice/client/server/ready",
    ] {
        assert_eq!(owns(path), Owned::Public, "{path}");
    }
}

#[test]
fn nobody_behind_us_answers_for_users_and_tokens() {
    for path in [
        "/dataservice/client/token",
        "/dataservice/client/server",
        "/dataservice/client/about",
        "/dataservice/admin/user",
        "/dataservice/admin/user/",
        "/dataservice/admin/user/activeSessions",
        "/dataservice/admin/user/nothing/here",
        "/dataservice/admin/usergroup/basic",
        "/jwt/anything",
        "/apigw/login",
        // Other spellings that a servlet container reads as the same.
        "/dataservice;a=b/admin/user",
        "/dataservice/admin;x/user;y/password",
        "/dataservice/admin%3Bx/user",
        "/dataservice//admin/user",
        "/DataService/Admin/User",
        "/dataservice/admin/user%20",
        "/dataservice/;a/admin/user",
        "/dataservice/tenant/%20/vsessionid",
    ] {
        assert_eq!(owns(path), Owned::Yes, "{path}");
    }
}

#[test]
fn the_rest_is_a_services() {
    for path in [
        "/dataservice",
        "/dataservice/device",
        "/dataservice/admin",
        "/dataservice/admin/users",
        "/dataservice/client",
        "/dataservice/client/tokens",
        "/logouts",
        "/welcome.html.bak",
        "/x_j_security_check",
        "/jwts",
    ] {
        assert_eq!(owns(path), Owned::No, "{path}");
    }
    for path in ["/", "/dataservice/system/device/controllers"] {
        assert_eq!(owns(path), Owned::Spare, "{path}");
    }
}

//! Mistakes in the sections about grants and about AWX.

use super::mistakes::check;

#[test]
fn the_file_names_line_and_key_of_wrong_grants() {
    check(&[
        (
            "[oauth]\npublic_uri = \"x\"\n",
            "p.toml:2: oauth.public_uri: unknown key; did you mean `public_url`?",
        ),
        (
            "[oauth]\npublic_url = \"gate.example\"\n",
            "p.toml:2: oauth.public_url: \"gate.example\" must begin with https:// or http://",
        ),
        (
            "[oauth]\npublic_url = \"https://gate.example/\"\n",
            "p.toml:2: oauth.public_url: \"https://gate.example/\" must end after the host and port",
        ),
        (
            "[oauth]\npublic_url = \"https://Gate.example\"\n",
            "p.toml:2: oauth.public_url: \"https://Gate.example\" must be written in lower case",
        ),
        (
            "[oauth]\npublic_url = \"https://u@gate.example\"\n",
            "p.toml:2: oauth.public_url: \"https://u@gate.example\" is not a URL such as https://gate.example.com",
        ),
        (
            "[oauth]\npassword_grant = \"no\"\n",
            "p.toml:2: oauth.password_grant: must be true or false, not a text",
        ),
        ("[oauth]\ngrant_life_days = 0\n", "p.toml:2: oauth.grant_life_days: must be between 1 and 36500"),
        (
            "[oauth]\ndevice_code_expire_seconds = 59\n",
            "p.toml:2: oauth.device_code_expire_seconds: must be between 60 and 3600",
        ),
        (
            "[oauth]\ndevice_interval_seconds = 61\n",
            "p.toml:2: oauth.device_interval_seconds: must be between 1 and 60",
        ),
        (
            "[awx]\nprefix = \"/api/controller/\"\n",
            "p.toml:2: awx.prefix: \"/api/controller/\" is not one segment of a path such as \"controller\"",
        ),
        ("[awx]\nprefix = \"v2\"\n", "p.toml:2: awx.prefix: /api/v2/ has another meaning already"),
        (
            "[awx]\ntrusted_proxy_key = \"k.pem\"\n",
            "p.toml:2: awx.trusted_proxy_key: there is no file /nonexistent/k.pem",
        ),
    ]);
}

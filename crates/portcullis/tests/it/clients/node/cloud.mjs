// What Apprenda's exporter and the helper "getToken" sent, sent again and read as they did. The argument is one JSON
// object; an assertion that fails ends it.

import assert from "node:assert/strict";
import https from "node:https";

const given = JSON.parse(process.argv[2]);
const base = new URL(given.base);
const agent = new https.Agent({ rejectUnauthorized: false });

function send(method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const request = https.request(
      { host: base.hostname, port: base.port, method, path, headers, agent, timeout: 30000 },
      (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("end", () => resolve({ status: answer.statusCode, text: Buffer.concat(parts).toString() }));
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

function login(path, username, password) {
  const body = JSON.stringify({ username, password });
  const headers = {
    accept: "application/json",
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  };
  return send("POST", path, headers, body);
}

// The exporter signs in and out on every scrape: with a slash behind the login, and no header on the DELETE.
async function exporter() {
  for (let scrape = 0; scrape < 3; scrape += 1) {
    const answer = await login("/authentication/api/v1/sessions/soc/", given.admin, given.admin_password);
    assert.equal(answer.status, 201, answer.text);
    const token = JSON.parse(answer.text).apprendaSessionToken;
    const headers = { accept: "application/json", ApprendaSessionToken: token };
    for (const path of ["/soc/api/v1/nodes", "/soc/api/v1/resourceallocation?startTime=2017-06-01T00:00:00Z"]) {
      const read = await send("GET", path, headers);
      assert.equal(read.status, 200, read.text);
      assert.deepEqual(JSON.parse(read.text).items, []);
    }
    const ended = await send("DELETE", `/authentication/api/v1/sessions/soc/${token}`, {});
    assert.equal(ended.status, 204, ended.text);
    assert.equal((await send("GET", "/soc/api/v1/nodes", headers)).status, 401);
  }
  // Refused, it goes on without a token.
  const refused = await login("/authentication/api/v1/sessions/soc/", given.admin, "wrong");
  assert.equal(refused.status, 400, refused.text);
  const read = await send("GET", "/soc/api/v1/nodes", { accept: "application/json" });
  assert.equal(read.status, 401, read.text);
}

// The helper reads the token, or else a message from one of the places it knows.
async function helper() {
  const answer = await login("/authentication/api/v1/sessions/soc", given.admin, given.admin_password);
  assert.equal(typeof JSON.parse(answer.text).apprendaSessionToken, "string");
  const refused = JSON.parse((await login("/authentication/api/v1/sessions/soc", given.admin, "wrong")).text);
  assert.equal(typeof (refused.err ?? refused.error ?? refused.message), "string");
}

await { exporter, helper }[given.what]();

// The authorization server as openid-client meets it. Its argument is one JSON object; an assertion that fails
// ends it.

import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';

// Older versions of Node have it only here.
globalThis.crypto ??= webcrypto;
const client = await import('openid-client');

const given = JSON.parse(process.argv[2]);
const root = given.base + given.root;

// A browser without a screen: cookies, redirects at the gateway, forms.
class Browser {
  cookies = new Map();
  url = undefined;
  page = undefined;

  async open(url) {
    return this.follow('GET', url);
  }

  async submit(values = {}, button = undefined) {
    const form = this.page.match(/<form[^>]*>/g).at(-1);
    const action = attribute(form, 'action') ?? '';
    const fields = new URLSearchParams();
    for (const [input] of this.page.matchAll(/<(?:input|button)\b[^>]*>/g)) {
      const name = attribute(input, 'name');
      const isButton = attribute(input, 'type') === 'submit';
      if (name && (!isButton || name === button)) fields.set(name, attribute(input, 'value') ?? '');
    }
    for (const [name, value] of Object.entries(values)) fields.set(name, value);
    assert.ok(button === undefined || fields.has(button), `no button ${button} in ${this.page}`);
    return this.follow('POST', new URL(action, this.url).href, fields);
  }

  async follow(method, url, body = undefined) {
    for (let count = 0; count < 10; count += 1) {
      const headers = { accept: 'text/html' };
      if (this.cookies.size > 0) {
        headers.cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      }
      if (this.url) headers.referer = this.url;
      if (method === 'POST') headers.origin = new URL(url).origin;
      const answer = await fetch(url, { method, headers, body, redirect: 'manual' });
      for (const line of answer.headers.getSetCookie()) {
        const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
        this.cookies.set(name, value);
      }
      this.url = url;
      this.status = answer.status;
      this.page = await answer.text();
      if (answer.status < 300 || answer.status > 399) return undefined;
      url = new URL(answer.headers.get('location'), url).href;
      if (!url.startsWith(`${given.base}/`)) return url;
      method = 'GET';
      body = undefined;
    }
    throw new Error(`too many redirects at ${this.url}`);
  }
}

function attribute(tag, name) {
  const value = tag.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1];
  return value
    ?.replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

async function status(token) {
  const answer = await fetch(given.base + given.me, { headers: { authorization: `Bearer ${token}` } });
  await answer.text();
  return answer.status;
}

// The platform's contract answers 201 where the standard says 200 (RFC 6749 section 5.1), and this library takes
// nothing else. All that it looks at beside that is as it came.
async function forgiving(url, options) {
  const answer = await fetch(url, options);
  if (answer.status !== 201 || given.root !== '/o' || !url.startsWith(`${root}/token/`)) return answer;
  return new Response(await answer.text(), { status: 200, headers: answer.headers });
}

async function configuration() {
  const { client_id: id, client_secret: secret } = given.application;
  const shown = secret ? client.ClientSecretBasic(secret) : client.None();
  const options = { algorithm: 'oauth2', [client.customFetch]: forgiving };
  return client.discovery(new URL(root), id, undefined, shown, options);
}

async function code() {
  const config = await configuration();
  const metadata = config.serverMetadata();
  assert.equal(metadata.issuer, root);
  assert.ok(metadata.supportsPKCE());
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: given.redirect_uri,
    scope: 'write',
    state,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const browser = new Browser();
  assert.equal(await browser.open(address.href), undefined);
  assert.equal(browser.status, 200, browser.page);
  await browser.submit({ username: given.username, password: given.password });
  assert.equal(browser.status, 200, browser.page);
  const left = await browser.submit({}, 'allow');
  assert.ok(left?.startsWith(`${given.redirect_uri}?`), `${left} ${browser.page}`);
  const checks = { pkceCodeVerifier: verifier, expectedState: state };
  const token = await client.authorizationCodeGrant(config, new URL(left), checks);
  assert.equal(token.scope, 'write');
  assert.equal(await status(token.access_token), 200);

  const fresh = await client.refreshTokenGrant(config, token.refresh_token);
  assert.notEqual(fresh.access_token, token.access_token);
  assert.equal(await status(token.access_token), 401);
  assert.equal(await status(fresh.access_token), 200);

  if (given.application.client_secret) {
    const told = await client.tokenIntrospection(config, fresh.access_token);
    assert.equal(told.active, true);
    assert.equal(told.username, given.username);
  }
  await client.tokenRevocation(config, fresh.access_token);
  assert.equal(await status(fresh.access_token), 401);
}

async function device() {
  const config = await configuration();
  const asked = await client.initiateDeviceAuthorization(config, { scope: 'read' });
  const polled = client.pollDeviceAuthorizationGrant(config, asked, {}, { signal: AbortSignal.timeout(60_000) });
  const browser = new Browser();
  await browser.open(asked.verification_uri_complete);
  await browser.submit({ username: given.username, password: given.password });
  await browser.submit();
  await browser.submit({}, 'allow');
  assert.equal(browser.status, 200, browser.page);
  const token = await polled;
  assert.equal(token.scope, 'read');
  assert.equal(await status(token.access_token), 200);
}

await { code, device }[given.what]();
console.log('ok', given.what);

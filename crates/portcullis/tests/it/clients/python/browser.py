"""A browser without a screen: it keeps cookies, follows redirects at the gateway, fills in forms and presses buttons."""

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

REDIRECTS_MAX = 10


class Forms(HTMLParser):
    """The forms of a page: where each goes, and its fields."""

    def __init__(self, text):
        super().__init__()
        self.forms = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.forms.append({"action": attributes.get("action") or "", "fields": {}, "buttons": []})
        elif tag in ("input", "button") and self.forms:
            name, kind = attributes.get("name"), attributes.get("type", "text")
            value = attributes.get("value", "")
            if kind == "submit":
                self.forms[-1]["buttons"].append((name, value))
            elif name and kind not in ("checkbox", "radio"):
                self.forms[-1]["fields"][name] = value


class Browser:
    """What a person uses who is at `base` and nowhere else."""

    def __init__(self, base, verify):
        self.base = base
        self.session = requests.Session()
        self.session.verify = verify
        self.session.trust_env = False
        self.url = None
        self.page = None
        self.pages = []

    def open(self, url):
        """Opens an address. What leads away from the gateway is returned and not opened."""
        return self._follow("GET", urljoin(self.base, url))

    def submit(self, values=(), button=None):
        """Fills in the form of the page and presses a button by its name."""
        forms = [form for form in Forms(self.page.text).forms if "logout" not in form["action"]]
        assert len(forms) == 1, (self.url, self.page.status_code, self.page.text)
        form = forms[0]
        fields = {**form["fields"], **dict(values)}
        for name, value in form["buttons"]:
            if name and (button is None or name == button):
                fields[name] = value
                break
        assert button is None or button in fields, (button, form)
        return self._follow("POST", urljoin(self.url, form["action"]), fields)

    def sign_in(self, username, password):
        """Fills in the login form."""
        return self.submit({"username": username, "password": password})

    def _follow(self, method, url, fields=None):
        for _ in range(REDIRECTS_MAX):
            headers = {"Accept": "text/html"}
            if self.url:
                headers["Referer"] = self.url
            if method == "POST":
                headers["Origin"] = "{0.scheme}://{0.netloc}".format(urlsplit(url))
            answer = self.session.request(
                method, url, data=fields, headers=headers, allow_redirects=False, timeout=30
            )
            self.url, self.page = url, answer
            self.pages.append((method, url, answer.status_code))
            if answer.status_code not in (301, 302, 303, 307, 308):
                return None
            url, method, fields = urljoin(url, answer.headers["Location"]), "GET", None
            if not url.startswith(self.base + "/"):
                return url
        raise AssertionError(f"too many redirects: {self.pages}")


def authorize(browser, address, username, password):
    """Signs in on the way to the authorization endpoint, lets the application in, and returns where the
    browser is sent."""
    left = browser.open(address)
    assert left is None and browser.page.status_code == 200, (left, browser.pages, browser.page.text)
    left = browser.sign_in(username, password)
    assert left is None and browser.page.status_code == 200, (left, browser.pages, browser.page.text)
    left = browser.submit(button="allow")
    assert left, (browser.pages, browser.page.status_code, browser.page.text)
    return left


def let_device_in(browser, address, username, password):
    """Opens the address that a device shows, signs in, confirms the code, and lets the device in."""
    assert browser.open(address) is None, browser.pages
    if "password" in Forms(browser.page.text).forms[0]["fields"]:
        browser.sign_in(username, password)
    browser.submit()
    browser.submit(button="allow")
    assert browser.page.status_code == 200, (browser.pages, browser.page.text)

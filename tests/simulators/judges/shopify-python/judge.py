"""Drives a Shopify shop with the vendor's client: python judge.py URL CLIENT_ID CLIENT_SECRET

The shop runs in the lab (`--lab`), since nothing is registered for this judge's address. REQUESTS_CA_BUNDLE names the
authority of a shop over https.
"""

import os

if "REQUESTS_CA_BUNDLE" in os.environ:
    os.environ["SSL_CERT_FILE"] = os.environ["REQUESTS_CA_BUNDLE"]

import json
import socket
import sys
import urllib.error
import urllib.parse
import urllib.request

import shopify

BACK = "https://hub.example.com/auth/callback"
real_lookup = socket.getaddrinfo


class Stay(urllib.request.HTTPRedirectHandler):
    """Looks at redirects instead of following them."""

    def redirect_request(self, *_):
        return None


def main(url, key, secret):
    place = urllib.parse.urlsplit(url)
    summary = json.load(urllib.request.urlopen(f"{url}/_sim/summary"))
    domain = summary["domain"]
    # The client calls the shop by its name; here it is at its address.
    socket.getaddrinfo = lambda host, *rest, **more: real_lookup("127.0.0.1" if host == domain else host, *rest, **more)
    shopify.Session.setup(api_key=key, secret=secret, protocol=place.scheme, port=place.port)

    # The link on which an install begins.
    request = urllib.request.Request(f"{url}/_sim/install_link", b"{}")
    link = json.load(urllib.request.urlopen(request))["url"]
    params = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(link).query))
    assert shopify.Session.validate_params(params), "the install link is signed"
    assert not shopify.Session.validate_params({**params, "shop": "evil.myshopify.com"})
    assert not shopify.Session.validate_params({**params, "timestamp": "1337178173"})

    # The merchant installs, the library checks the way back.
    session = shopify.Session(domain, "2026-10")
    authorize = session.create_permission_url(["read_products", "read_orders"], BACK, "nonce-1")
    query = urllib.parse.urlsplit(authorize).query
    opener = urllib.request.build_opener(Stay)
    page = opener.open(f"{url}/admin/oauth/authorize?{query}")
    assert page.status == 200 and b"Install" in page.read()
    try:
        opener.open(f"{url}/admin/oauth/authorize", query.encode())
        raise AssertionError("the browser was not sent back")
    except urllib.error.HTTPError as answer:
        assert answer.status == 302, answer.status
        back = answer.headers["location"]
    assert back.startswith(BACK + "?"), back
    params = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back).query))
    assert params["state"] == "nonce-1" and shopify.Session.validate_params(params), "the callback is signed"
    assert not shopify.Session.validate_params({**params, "code": "forged"})

    if place.scheme == "https":
        token = session.request_token(params)
        assert session.access_scopes == shopify.ApiAccess("read_orders,read_products")
    else:
        # The library asks for tokens over https only.
        body = json.dumps({"client_id": key, "client_secret": secret, "code": params["code"]}).encode()
        request = urllib.request.Request(f"{url}/admin/oauth/access_token", body, {"Content-Type": "application/json"})
        token = json.load(urllib.request.urlopen(request))["access_token"]

    # Calls and errors in a 200.
    shopify.ShopifyResource.activate_session(shopify.Session(domain, "2026-10", token))
    query = "query($n: Int!) { products(first: $n) { nodes { id title } } ordersCount { count } }"
    answer = json.loads(shopify.GraphQL().execute(query, {"n": 3}))
    assert len(answer["data"]["products"]["nodes"]) == 3, answer
    assert answer["extensions"]["cost"]["throttleStatus"]["maximumAvailable"] == 2000
    denied = json.loads(shopify.GraphQL().execute("{ customers(first: 1) { nodes { id } } }"))
    assert denied["errors"][0]["extensions"]["code"] == "ACCESS_DENIED", denied
    shopify.ShopifyResource.clear_session()
    print(f"python judge: {url} is accepted")


if __name__ == "__main__":
    main(*sys.argv[1:4])

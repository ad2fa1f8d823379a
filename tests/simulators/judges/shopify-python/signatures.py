"""The vendor's library and ours sign the same queries: python signatures.py make|check FILE

`make` writes vectors that the library signed, for us to check; `check` holds the signatures that we put in their place
to the library, and sees that it refuses them once something was changed.
"""

import json
import random
import sys

import shopify

SIGNS = ["a", "Z", "0", "-", "_", ".", "~", " ", "+", "%", "&", "=", "/", "?", "#", '"', "'", "ü", "漢", "🙂", "%26", "%3D"]
NAMES = ["code", "host", "shop", "state", "state2", "state-x", "timestamp", "locale", "embedded", "odd name", "a=b", "c&d", "e%f"]


def signed(number):
    dice = random.Random(number)
    text = lambda: "".join(dice.choice(SIGNS) for _ in range(dice.randrange(12)))
    params = {name: text() for name in dice.sample(NAMES, dice.randrange(1, len(NAMES)))}
    if dice.random() < 0.4:
        params["ids[]"] = [str(dice.randrange(10**18)) for _ in range(dice.randrange(1, 4))]
    secret = "shpss_" + "".join(dice.choice("0123456789abcdef") for _ in range(32))
    shopify.Session.setup(api_key="key", secret=secret)
    return {
        "name": f"query {number}",
        "scheme": "oauth_query_hex",
        "secret": secret,
        "params": params,
        "canonical_string": shopify.Session._Session__encoded_params_for_signature(params),
        "hmac_hex": shopify.Session.calculate_hmac(params),
    }


def make(file):
    with open(file, "w") as out:
        json.dump({"oauth_and_proxy": [signed(number) for number in range(400)], "webhook": []}, out)
    print("python signatures: 400 queries signed")


def check(file):
    with open(file) as text:
        rows = json.load(text)["oauth_and_proxy"]
    assert len(rows) == 400, len(rows)
    for row in rows:
        shopify.Session.setup(api_key="key", secret=row["secret"])
        params = {**row["params"], "hmac": row["hmac_hex"]}
        assert shopify.Session.validate_hmac(params), row["name"]
        assert not shopify.Session.validate_hmac({**params, "one_more": "1"}), row["name"]
        shopify.Session.setup(api_key="key", secret="another")
        assert not shopify.Session.validate_hmac(params), row["name"]
    print(f"python signatures: {len(rows)} of ours are right")


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](sys.argv[2])

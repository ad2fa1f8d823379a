"""Drives a shop with the vendor's client: python judge.py URL CONSUMER_KEY CONSUMER_SECRET

Over https it sends the key pair, over http it signs with OAuth 1.0a. REQUESTS_CA_BUNDLE names the authority.
"""

import math
import os
import sys
import time

from woocommerce import API


def main(url, key, secret):
    api = API(url=url, consumer_key=key, consumer_secret=secret, version="wc/v3", timeout=30)
    stamp = f"{os.getpid()}-{time.time_ns()}"

    def expect(answer, status, code=None):
        assert answer.status_code == status, (answer.url, answer.status_code, answer.text[:400])
        body = answer.json()
        if code is not None:
            assert body["code"] == code, body
        return body

    # Lists, pages and totals.
    answer = api.get("products", params={"per_page": 5, "orderby": "id", "order": "asc"})
    assert len(expect(answer, 200)) == 5
    total = int(answer.headers["X-WP-Total"])
    assert int(answer.headers["X-WP-TotalPages"]) == math.ceil(total / 5)
    assert 'rel="next"' in answer.headers["Link"]
    since = {"modified_after": "2001-01-01T00:00:00", "dates_are_gmt": "true", "per_page": 1}
    assert len(expect(api.get("products", params=since), 200)) == 1
    fields = {"per_page": 2, "_fields": "id,sku"}
    assert all(set(row) == {"id", "sku"} for row in expect(api.get("products", params=fields), 200))

    # Creates, reads, updates.
    product = {"name": "Jüdge's product", "sku": f"PY-{stamp}", "regular_price": "12.50",
               "manage_stock": True, "stock_quantity": 9}
    made = expect(api.post("products", product), 201)
    assert made["stock_quantity"] == 9 and made["name"] == product["name"]
    at = f"products/{made['id']}"
    expect(api.post("products", {"name": "twin", "sku": product["sku"]}), 400, "product_invalid_sku")
    assert expect(api.put(at, {"stock_quantity": 4}), 200)["stock_quantity"] == 4
    assert expect(api.get("products", params={"sku": product["sku"]}), 200)[0]["id"] == made["id"]
    expect(api.get("products/99999999"), 404, "woocommerce_rest_product_invalid_id")
    expect(api.get("products", params={"per_page": 101}), 400, "rest_invalid_param")

    # A batch with a bad row.
    rows = [{"id": made["id"], "stock_quantity": 7}, {"id": 99999999, "stock_quantity": 1}]
    batch = expect(api.post("products/batch", {"update": rows}), 200)
    assert batch["update"][0]["stock_quantity"] == 7
    assert batch["update"][1]["error"]["code"] == "woocommerce_rest_product_invalid_id"

    # A sale takes stock, a cancellation gives it back.
    order = expect(api.post("orders", {"set_paid": True, "line_items": [{"product_id": made["id"], "quantity": 2}]}), 201)
    assert order["status"] == "processing" and order["line_items"][0]["price"] == 12.5
    assert expect(api.get(at), 200)["stock_quantity"] == 5
    expect(api.put(f"orders/{order['id']}", {"status": "cancelled"}), 200)
    assert expect(api.get(at), 200)["stock_quantity"] == 7

    # A webhook on the shop's own address, which every address check lets through.
    hook = {"name": "judge", "topic": "order.updated", "delivery_url": f"{url}/", "secret": "abc123"}
    hook = expect(api.post("webhooks", hook), 201)
    assert "secret" not in hook
    expect(api.delete(f"webhooks/{hook['id']}"), 501, "woocommerce_rest_trash_not_supported")
    expect(api.delete(f"webhooks/{hook['id']}", params={"force": True}), 200)

    # A wrong secret is refused.
    wrong = API(url=url, consumer_key=key, consumer_secret="cs_wrong", version="wc/v3")
    expect(wrong.get("products"), 401, "woocommerce_rest_authentication_error")

    expect(api.delete(at, params={"force": True}), 200)
    expect(api.get(at), 404, "woocommerce_rest_product_invalid_id")
    assert api.options("products").status_code == 200
    print(f"python judge: {url} is accepted")


if __name__ == "__main__":
    main(*sys.argv[1:4])

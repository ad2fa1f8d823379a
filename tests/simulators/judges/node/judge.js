// Drives a shop with the vendor's client: node judge.js URL CONSUMER_KEY CONSUMER_SECRET
// Over https it sends the key pair, over http it signs with OAuth 1.0a. NODE_EXTRA_CA_CERTS names the authority.
import assert from "node:assert/strict";
import client from "@woocommerce/woocommerce-rest-api";

const [url, consumerKey, consumerSecret] = process.argv.slice(2);
assert(url && consumerKey && consumerSecret, "usage: node judge.js URL KEY SECRET");
const WooCommerceRestApi = client.default ?? client;
const api = new WooCommerceRestApi({ url, consumerKey, consumerSecret, version: "wc/v3" });
const stamp = `${process.pid}-${Date.now()}`;

async function refused(promise, status, code) {
  const error = await promise.then(() => null, (error) => error);
  assert(error, `expected ${status} ${code}`);
  assert.equal(error.response?.status, status, error.message);
  assert.equal(error.response.data.code, code);
}

// Lists, pages and totals.
const first = await api.get("products", { per_page: 5, orderby: "id", order: "asc" });
assert.equal(first.status, 200);
assert.equal(first.data.length, 5);
const total = Number(first.headers["x-wp-total"]);
assert.equal(Number(first.headers["x-wp-totalpages"]), Math.ceil(total / 5));
assert.match(first.headers.link, /rel="next"/);
const fields = await api.get("products", { per_page: 2, _fields: "id,sku", search: "Café & \"x\"" });
assert.deepEqual(fields.data, []);
const since = { modified_after: "2001-01-01T00:00:00", dates_are_gmt: true, per_page: 1 };
assert((await api.get("products", since)).data.length === 1);

// Creates, reads, updates.
const made = await api.post("products", {
  name: "Jüdge's product", sku: `JUDGE-${stamp}`, regular_price: "12.50", manage_stock: true, stock_quantity: 9,
});
assert.equal(made.status, 201);
const id = made.data.id;
assert.equal(made.data.stock_quantity, 9);
await refused(api.post("products", { name: "twin", sku: `JUDGE-${stamp}` }), 400, "product_invalid_sku");
const changed = await api.put(`products/${id}`, { stock_quantity: 4 });
assert.equal(changed.data.stock_quantity, 4);
assert.equal((await api.get("products", { sku: `JUDGE-${stamp}` })).data[0].id, id);
await refused(api.get("products/99999999"), 404, "woocommerce_rest_product_invalid_id");
await refused(api.get("products", { per_page: 101 }), 400, "rest_invalid_param");

// A batch with a bad row.
const batch = await api.post("products/batch", {
  update: [{ id, stock_quantity: 7 }, { id: 99999999, stock_quantity: 1 }],
});
assert.equal(batch.status, 200);
assert.equal(batch.data.update[0].stock_quantity, 7);
assert.equal(batch.data.update[1].error.code, "woocommerce_rest_product_invalid_id");

// A sale takes stock, a cancellation gives it back.
const order = await api.post("orders", { set_paid: true, line_items: [{ product_id: id, quantity: 2 }] });
assert.equal(order.data.status, "processing");
assert.equal(typeof order.data.line_items[0].price, "number");
assert.equal((await api.get(`products/${id}`)).data.stock_quantity, 5);
await api.put(`orders/${order.data.id}`, { status: "cancelled" });
assert.equal((await api.get(`products/${id}`)).data.stock_quantity, 7);

// A webhook on the shop's own address, which every address check lets through.
const hook = await api.post("webhooks", {
  name: "judge", topic: "order.updated", delivery_url: `${url}/`, secret: "abc123", status: "active",
});
assert.equal(hook.status, 201);
assert.equal(hook.data.secret, undefined);
await refused(api.delete(`webhooks/${hook.data.id}`), 501, "woocommerce_rest_trash_not_supported");
assert.equal((await api.delete(`webhooks/${hook.data.id}`, { force: true })).status, 200);

// A wrong secret is refused.
const wrong = new WooCommerceRestApi({ url, consumerKey, consumerSecret: "cs_wrong", version: "wc/v3" });
await refused(wrong.get("products"), 401, "woocommerce_rest_authentication_error");

await api.delete(`products/${id}`, { force: true });
await refused(api.get(`products/${id}`), 404, "woocommerce_rest_product_invalid_id");
assert.equal((await api.options("products")).status, 200);
console.log(`node judge: ${url} is accepted`);

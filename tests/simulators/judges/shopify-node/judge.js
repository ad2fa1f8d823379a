// Drives a Shopify shop with the vendor's client: node judge.js URL CLIENT_ID CLIENT_SECRET
// The shop runs in the lab (`--lab`), since this judge listens on the loopback. NODE_EXTRA_CA_CERTS names the authority.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import "@shopify/shopify-api/adapters/node";
import { setAbstractFetchFunc } from "@shopify/shopify-api/runtime";
import { shopifyApi, Session } from "@shopify/shopify-api";

const [url, apiKey, apiSecretKey] = process.argv.slice(2);
assert(url && apiKey && apiSecretKey, "usage: node judge.js URL CLIENT_ID CLIENT_SECRET");
const { domain: shop } = await (await fetch(`${url}/_sim/summary`)).json();

// The client calls the shop by its name; here it is at its address.
const local = (target) => String(target).replace(`https://${shop}`, url);
setAbstractFetchFunc((target, options) => fetch(typeof target === "string" || target instanceof URL ? local(target) : target, options));

// A server of the app: what it is asked is kept, and the library's own handlers answer /auth.
const heard = [];
const waiting = [];
const server = createServer(async (request, response) => {
  try {
    if (request.url.startsWith("/auth/callback")) {
      const { session } = await shopify.auth.callback({ rawRequest: request, rawResponse: response });
      waiting.shift()(session);
      response.writeHead(200).end("installed");
      return;
    }
    if (request.url.startsWith("/auth")) {
      await shopify.auth.begin({ shop, callbackPath: "/auth/callback", isOnline: false, rawRequest: request, rawResponse: response });
      return;
    }
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    heard.push({ headers: request.headers, rawBody: Buffer.concat(chunks).toString("utf8"), request });
    response.writeHead(200).end();
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
    waiting.shift()?.(error);
  }
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const app = `http://127.0.0.1:${server.address().port}`;

const shopify = shopifyApi({
  apiKey,
  apiSecretKey,
  scopes: ["read_products", "write_inventory", "read_orders"],
  hostName: app.replace("http://", ""),
  hostScheme: "http",
  apiVersion: "2026-10",
  isEmbeddedApp: false,
  logger: { level: 0 },
});

// The link on which an install begins.
const link = new URL((await (await fetch(`${url}/_sim/install_link`, { method: "POST", body: "{}" })).json()).url);
assert(await shopify.utils.validateHmac(Object.fromEntries(link.searchParams)), "the install link is signed");
assert(!(await shopify.utils.validateHmac({ ...Object.fromEntries(link.searchParams), shop: "evil.myshopify.com" })));

// The whole way through OAuth, the library on the app's side.
const browser = { "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36" };
const begun = await fetch(`${app}/auth`, { redirect: "manual", headers: browser });
const cookie = begun.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
const authorize = new URL(begun.headers.get("location"));
assert.equal(authorize.host, shop);
const page = await fetch(local(authorize), { redirect: "manual" });
assert.equal(page.status, 200, await page.clone().text());
const installed = new Promise((done) => waiting.push(done));
const form = new URLSearchParams(authorize.searchParams);
const granted = await fetch(`${url}/admin/oauth/authorize`, { method: "POST", body: form, redirect: "manual" });
const back = granted.headers.get("location");
assert(back?.startsWith(`${app}/auth/callback?`), back);
assert(await shopify.utils.validateHmac(Object.fromEntries(new URL(back).searchParams)), "the callback is signed");
assert.equal((await fetch(back, { headers: { ...browser, cookie } })).status, 200);
const session = await installed;
assert(session instanceof Session || session?.accessToken, String(session));
assert.equal(session.shop, shop);

// Calls, errors in a 200 and the cost.
const client = new shopify.clients.Graphql({ session });
const products = await client.request("query($n: Int!) { products(first: $n) { nodes { id title variants(first: 1) { nodes { sku inventoryItem { id inventoryLevels(first: 1) { nodes { location { id } quantities(names: [\"available\"]) { quantity } } } } } } } } }", { variables: { n: 2 } });
assert.equal(products.data.products.nodes.length, 2);
assert(products.extensions.cost.actualQueryCost <= products.extensions.cost.requestedQueryCost);
const refused = await client.request("{ products(first: 1) { nodes { colour } } }").then(() => null, (error) => error);
assert.match(refused.message, /doesn't exist on type 'Product'/);
const dead = new shopify.clients.Graphql({ session: new Session({ ...session, id: "dead", accessToken: "shpat_dead" }) });
const unauthorized = await dead.request("{ shop { name } }").then(() => null, (error) => error);
assert.equal(unauthorized.response.code, 401);

// Own-organisation tokens.
const own = await shopify.auth.clientCredentials({ shop });
assert(own.session.accessToken.startsWith("shpat_"));

// A webhook that is really delivered, checked by the library.
const owner = new shopify.clients.Graphql({ session: own.session });
const made = await owner.request("mutation($uri: String!) { webhookSubscriptionCreate(topic: INVENTORY_LEVELS_UPDATE, webhookSubscription: {uri: $uri, format: JSON}) { webhookSubscription { id } userErrors { message } } }", { variables: { uri: `${app}/hooks` } });
assert.deepEqual(made.data.webhookSubscriptionCreate.userErrors, []);
const item = products.data.products.nodes[0].variants.nodes[0].inventoryItem;
const level = item.inventoryLevels.nodes[0];
const from = level.quantities[0].quantity;
const set = await client.request("mutation($input: InventorySetQuantitiesInput!, $key: String!) { inventorySetQuantities(input: $input) @idempotent(key: $key) { inventoryAdjustmentGroup { changes { name delta } } userErrors { code } } }", {
  variables: {
    key: `judge-${process.pid}-${Date.now()}`,
    input: { name: "available", reason: "correction", quantities: [{ inventoryItemId: item.id, locationId: level.location.id, quantity: from + 1, changeFromQuantity: from }] },
  },
});
assert.deepEqual(set.data.inventorySetQuantities.inventoryAdjustmentGroup.changes, [{ name: "available", delta: 1 }, { name: "on_hand", delta: 1 }]);
for (let tries = 0; heard.length === 0 && tries < 100; tries++) await new Promise((done) => setTimeout(done, 50));
assert.equal(heard.length, 1, "one webhook came");
const [hook] = heard;
const good = await shopify.webhooks.validate({ rawBody: hook.rawBody, rawRequest: hook.request });
assert(good.valid, JSON.stringify(good));
assert.equal(good.topic, "INVENTORY_LEVELS_UPDATE");
assert.equal(good.domain, shop);
const bad = await shopify.webhooks.validate({ rawBody: hook.rawBody.replace("available", "Available"), rawRequest: hook.request });
assert(!bad.valid);

server.close();
console.log(`node judge: ${url} is accepted`);
process.exit(0);

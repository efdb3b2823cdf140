// OpenFeature's clients, as they are, over OFREP: the server's asks flag by flag, the browser's
// for all flags at once.
// In: {url, api_key, way, kinds, customers}; kinds: {key: [kind of value, for each customer]}.
// Out: {key: [[variant or null, value or null], in the customers' order]}.

import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature as Server } from "@openfeature/server-sdk";
import { OpenFeature as Browser } from "@openfeature/web-sdk";
import { answer, question } from "./question.mjs";

const AT_ONCE = 8;
const ABSENT = { boolean: true, number: 9.5, string: "app's own", object: { app: "own" } };
const asked = await question();
const provided = { baseUrl: asked.url, headers: [["Authorization", `Bearer ${asked.api_key}`]] };
const keys = Object.keys(asked.kinds);
const told = Object.fromEntries(keys.map((key) => [key, Array(asked.customers.length)]));

function contextOf({ id, ...known }) {
  return { targetingKey: id, ...known };
}

function details(client, key, kind, context) {
  const absent = ABSENT[kind];
  if (kind === "boolean") return client.getBooleanDetails(key, absent, context);
  if (kind === "number") return client.getNumberDetails(key, absent, context);
  if (kind === "object") return client.getObjectDetails(key, absent, context);
  return client.getStringDetails(key, absent, context);
}

// Without a value the app's own default applies; the server's provider calls that an error.
const NO_VALUE = "The OFREP response does not match the expected format";

function keep(key, index, found, kind) {
  const own = found.value === ABSENT[kind];
  if (found.errorCode && !(own && found.errorMessage === NO_VALUE)) {
    throw new Error(`${key}: ${found.errorCode} ${found.errorMessage}`);
  }
  told[key][index] = own ? [null, null] : [found.variant, found.value];
}

async function flagByFlag() {
  await Server.setProviderAndWait(new OFREPProvider(provided));
  const client = Server.getClient();
  await shared(async (_, index, customer) => {
    const context = contextOf(customer);
    for (const key of keys) {
      const kind = asked.kinds[key][index];
      keep(key, index, await details(client, key, kind, context), kind);
    }
  });
  await Server.close();
}

async function allAtOnce() {
  const clients = [];
  for (let number = 0; number < AT_ONCE; number++) {
    const domain = `app-${number}`;
    await Browser.setContext(domain, contextOf(asked.customers[0]));
    await Browser.setProviderAndWait(domain, new OFREPWebProvider(provided));
    clients.push(Browser.getClient(domain));
  }
  await shared(async (worker, index, customer) => {
    await Browser.setContext(`app-${worker}`, contextOf(customer));
    for (const key of keys) {
      const kind = asked.kinds[key][index];
      keep(key, index, details(clients[worker], key, kind), kind);
    }
  });
  await Browser.close();
}

// Every customer once, several at a time.
async function shared(ask) {
  const left = asked.customers.entries();
  const work = async (worker) => {
    for (const [index, customer] of left) await ask(worker, index, customer);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, worker) => work(worker)));
}

await (asked.way === "all at once" ? allAtOnce() : flagByFlag());
await answer(told);

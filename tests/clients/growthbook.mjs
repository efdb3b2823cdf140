// GrowthBook's client, as it is: loads the features, and works every variant out by itself.
// In: {url, client_key, keys, customers}. Out: {key: [variant or null, in the customers' order]}.

import { GrowthBook } from "@growthbook/growthbook";
import { answer, question } from "./question.mjs";

const asked = await question();
const client = new GrowthBook({ apiHost: asked.url, clientKey: asked.client_key });
const loaded = await client.init({ timeout: 30_000 });
if (loaded.source !== "network") throw new Error(`no features: ${JSON.stringify(loaded)}`);

function variant(key) {
  const found = client.evalFeature(key);
  if (found.source === "experiment") return found.experimentResult.key;
  if (!["force", "defaultValue", "prerequisite"].includes(found.source)) {
    throw new Error(`${key}: ${found.source}`);
  }
  // A tester's: the payload is the key here.
  return found.value;
}

const told = Object.fromEntries(asked.keys.map((key) => [key, []]));
for (const customer of asked.customers) {
  await client.setAttributes(customer);
  for (const key of asked.keys) told[key].push(variant(key));
}
client.destroy();
await answer(told);

// GrowthBook's client with its tracking plugin: meets a test, and sends an event of the app's own.
// In: {url, ingestor_host, client_key, key, customer}. Out: {variant}.

import { GrowthBook } from "@growthbook/growthbook";
import { growthbookTrackingPlugin } from "@growthbook/growthbook/plugins";
import { answer, question } from "./question.mjs";

const asked = await question();
const client = new GrowthBook({
  apiHost: asked.url,
  clientKey: asked.client_key,
  attributes: { id: asked.customer },
  plugins: [growthbookTrackingPlugin({ ingestorHost: asked.ingestor_host })],
});
await client.init({ timeout: 30_000 });
const found = client.evalFeature(asked.key);
client.evalFeature(asked.key);
await client.logEvent("click", { where: "banner" });
client.destroy();
await answer({ variant: found.experimentResult.key });

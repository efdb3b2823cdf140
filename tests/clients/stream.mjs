// GrowthBook's client as it listens for changes, with an EventSource.
// In: {url, client_key, key}. Out: a line whenever the feature of that key comes or goes.

import { GrowthBook, setPolyfills } from "@growthbook/growthbook";
import { EventSource } from "eventsource";
import { question } from "./question.mjs";

const LONGEST_MS = 60_000;

const asked = await question();
setPolyfills({ EventSource });
const client = new GrowthBook({
  apiHost: asked.url,
  clientKey: asked.client_key,
  attributes: { id: "u1" },
});
let there;
const tell = () => {
  const now = asked.key in client.getFeatures();
  if (now !== there) process.stdout.write(now ? "there\n" : "gone\n");
  there = now;
};
client.setRenderer(tell);
const begun = await client.init({ streaming: true, timeout: 30_000 });
if (!begun.success) throw begun.error;
tell();
// The client keeps its stream for the next page, and so the process would never end.
setTimeout(() => process.exit(0), LONGEST_MS);

// Segment's and RudderStack's libraries, as they are: who seven customers are, then their orders.
// Arguments: library, address, key, count. Prints "halfway" once half of the orders were handed
// over, and at the end "done" with the errors that the library told.

import Rudder from "@rudderstack/rudder-sdk-node";
import { Analytics as Segment } from "@segment/analytics-node";

const SECONDS = 2.5;
// Small batches, so that the server is killed among them; more attempts than it is away.
const LIBRARIES = {
  segment: (url, key) => new Segment({ host: url, writeKey: key, flushAt: 10, maxRetries: 12 }),
  rudderstack: (url, key) =>
    new Rudder(key, { dataPlaneUrl: url, flushAt: 10, retryCount: 12, logLevel: "none" }),
};

const [library, url, key, count] = process.argv.slice(2);
const client = LIBRARIES[library](url, key);
const errors = [];
const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

function call(kind, body) {
  return new Promise((done) => {
    client[kind](body, (error) => {
      if (error) errors.push(String(error));
      done();
    });
  });
}

const told = [];
const timestamp = new Date("2025-03-01T00:00:00Z");
for (let number = 0; number < 7; number++) {
  const userId = `customer-${number}`;
  const traits = { email: `${number}@example.com` };
  const messageId = `identify-${number}`;
  told.push(call("identify", { userId, anonymousId: `a-${number}`, traits, timestamp, messageId }));
  const alias = { userId, previousId: `guest-${number}`, timestamp, messageId: `alias-${number}` };
  told.push(call("alias", alias));
}
for (let number = 0; number < count; number++) {
  told.push(
    call("track", {
      userId: `customer-${number % 7}`,
      event: "Order Completed",
      properties: { order_id: `o-${number}`, revenue: 1000, currency: "KRW" },
      timestamp: new Date(Date.UTC(2025, 2, 10, 1, 0, number % 60)),
      messageId: `order-${number}`,
    }),
  );
  if (number === Math.floor(count / 2)) console.log("halfway");
  await pause(SECONDS / count);
}
if (client.closeAndFlush) await client.closeAndFlush({ timeout: 60_000 });
else await client.flush();
await Promise.all(told);
console.log("done", JSON.stringify(errors));

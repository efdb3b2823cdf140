// A question comes as one JSON document, and the answer goes out as one.

export async function question() {
  const parts = [];
  for await (const part of process.stdin) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString("utf8"));
}

export function answer(told) {
  return new Promise((done) => process.stdout.write(JSON.stringify(told), done));
}

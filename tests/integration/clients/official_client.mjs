// The official gateway client against one gateway; what it saw is printed as one JSON document.
// Usage: node official_client.mjs <ws url> <token>; the package is found from the working directory.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.cwd()}/`);
const { GatewayClient } = await import(pathToFileURL(require.resolve("@openclaw/gateway-client")).href);
const [url, token] = process.argv.slice(2);

const events = [];
const seen = { gaps: [] };
const connected = Promise.withResolvers();
const ended = Promise.withResolvers();
const client = new GatewayClient({
  url,
  token,
  scopes: ["operator.admin"],
  caps: ["tool-events"],
  onHelloOk: (hello) => connected.resolve(hello),
  onConnectError: (error) => connected.reject(error),
  onGap: (gap) => seen.gaps.push(gap),
  onEvent: (event) => {
    events.push(event);
    const { runId, state } = event.payload ?? {};
    if (event.event === "chat" && runId === "official-chat" && state === "final") ended.resolve(event.payload);
  },
});

client.start();
try {
  seen.hello = await connected.promise;
  seen.health = await client.request("health");
  seen.status = await client.request("status", {});
  const ask = { message: "hi", idempotencyKey: "official-agent", deliver: false };
  seen.agent = await client.request("agent", ask, { expectFinal: true });
  const send = { sessionKey: "main", message: "call exec: echo from-the-tool", idempotencyKey: "official-chat" };
  seen.send = await client.request("chat.send", send);
  seen.final = await ended.promise;
  const agent = events.filter((event) => event.event === "agent" && event.payload.runId === "official-chat");
  seen.streams = [...new Set(agent.map((event) => event.payload.stream))];
  seen.history = await client.request("chat.history", { sessionKey: "main" });
  seen.unknown = await client.request("no.such.method", {}).catch((error) => error.message);
} catch (error) {
  seen.error = { name: error.constructor.name, message: error.message, details: error.details ?? null };
}
client.stop();
console.log(JSON.stringify(seen));

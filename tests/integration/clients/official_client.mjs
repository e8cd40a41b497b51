// The official gateway client, driven from outside: one JSON command per line on stdin, one JSON answer per line on stdout.
// Usage: node official_client.mjs; the package is found from the working directory.
//   {"do":"connect","options":{…},"device":"<file>"|null,"key":"<file>"?}  → {"hello"} or {"error"}, the first of them
//   {"do":"request","method":…,"params":…,"options":{…}?}                  → {"payload"} or {"error"}
//   {"do":"await","what":"hello"|"close"|"gap"|"paused"|"event","event":…?,"past":n?}  → the first, beyond the n known;
//     `event` is its name, or name and state: "chat.final"
//   {"do":"stop"}
// `device` is where the client keeps its key pair and its tokens; `key` is another such file, whose key signs instead.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.cwd()}/`);
const { GatewayClient } = await import(pathToFileURL(require.resolve("@openclaw/gateway-client")).href);

const seen = { hello: [], close: [], gap: [], paused: [], error: [], event: [] };
const waiting = [];
let client = null;
let latest = 0; // what a client that was replaced still says is left out

function note(what, value) {
  seen[what].push(value);
  for (const look of [...waiting]) look();
}

function told(error) {
  const { name } = error.constructor;
  const { message, details = null, retryable = null } = error;
  return { name, message, code: error.gatewayCode ?? error.code ?? null, details, retryable };
}

function first(found) {
  return new Promise((resolve) => {
    const look = () => {
      const value = found();
      if (value === undefined) return;
      waiting.splice(waiting.indexOf(look), 1);
      resolve(value);
    };
    waiting.push(look);
    look();
  });
}

function raw(publicKey) {
  return createPublicKey(publicKey).export({ type: "spki", format: "der" }).subarray(-32);
}

function deviceIn(file) {
  if (!existsSync(file)) {
    const pair = generateKeyPairSync("ed25519", {
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    writeFileSync(file, JSON.stringify({ ...pair, tokens: {} }));
  }
  return JSON.parse(readFileSync(file, "utf8"));
}

function kept(file) {
  const change = (edit) => {
    const held = deviceIn(file);
    edit(held.tokens);
    writeFileSync(file, JSON.stringify(held));
  };
  return {
    loadDeviceAuthToken: ({ role }) => deviceIn(file).tokens[role] ?? null,
    storeDeviceAuthToken: ({ role, token, scopes }) => change((tokens) => void (tokens[role] = { token, scopes })),
    clearDeviceAuthToken: ({ role }) => change((tokens) => void delete tokens[role]),
  };
}

function deviceOptions(file, signer) {
  const { privateKey, publicKey } = deviceIn(file);
  const signing = createPrivateKey(signer ? deviceIn(signer).privateKey : privateKey);
  return {
    deviceIdentity: {
      deviceId: createHash("sha256").update(raw(publicKey)).digest("hex"),
      privateKeyPem: privateKey,
      publicKeyPem: publicKey,
    },
    hostDeps: {
      signDevicePayload: (_, payload) => sign(null, Buffer.from(payload), signing).toString("base64url"),
      publicKeyRawBase64UrlFromPem: (pem) => raw(pem).toString("base64url"),
      ...kept(file),
    },
  };
}

const actions = {
  connect({ options, device, key }) {
    const mine = ++latest; // first: what the old client says while it is stopped is left out too
    client?.stop();
    const [hellos, errors] = [seen.hello.length, seen.error.length];
    const heard = (what, value) => mine === latest && note(what, value);
    client = new GatewayClient({
      ...(device ? deviceOptions(device, key) : { deviceIdentity: null }),
      ...options,
      onHelloOk: (hello) => heard("hello", hello),
      onConnectError: (error) => heard("error", told(error)),
      onClose: (code, reason) => heard("close", { code, reason }),
      onGap: (gap) => heard("gap", gap),
      onReconnectPaused: (info) => heard("paused", info),
      onEvent: (event) => heard("event", event),
    });
    client.start();
    return first(() => {
      if (seen.hello.length > hellos) return { hello: seen.hello.at(-1) };
      return seen.error.length > errors ? { error: seen.error.at(-1) } : undefined;
    });
  },
  async request({ method, params, options }) {
    try {
      return { payload: await client.request(method, params, options) };
    } catch (error) {
      return { error: told(error) };
    }
  },
  await({ what, event, past = 0 }) {
    const is = (each) => !event || each.event === event || `${each.event}.${each.payload?.state}` === event;
    return first(() => seen[what].filter(is)[past]);
  },
  stop() {
    client?.stop();
    return {};
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  console.log(JSON.stringify((await actions[command.do](command)) ?? null));
}
process.exit(0);

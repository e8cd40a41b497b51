/** Why a gateway does not let the page in, or is gone, in words for a person, with the one command that mends it. Pure functions. */

/** Where the page has done its part already; a gateway's hint to do so would only confuse. */
const MENDED = ["AUTH_DEVICE_TOKEN_MISMATCH", "DEVICE_AUTH_SIGNATURE_INVALID", "CONTROL_UI_DEVICE_IDENTITY_REQUIRED"];
const ASKS = ["AUTH_TOKEN_MISSING", "AUTH_PASSWORD_MISSING", "DEVICE_IDENTITY_REQUIRED"];

/** Refusals by their code: a title, and what a person can do. The gateway's own words are shown below. */
const REASONS = {
  AUTH_TOKEN_MISMATCH: ["That token is not this gateway's", "Each gateway has its own. The command below prints the one to paste here."],
  AUTH_PASSWORD_MISMATCH: ["That password is not this gateway's", "Enter the value of gateway.auth.password."],
  AUTH_DEVICE_TOKEN_MISMATCH: ["This browser's access has ended", "It was renewed or revoked, or another gateway gave it. The page has forgotten it; with the token it gets a new one."],
  AUTH_SCOPE_MISMATCH: ["This browser may do less than it asks for", "Connect with the gateway's token to ask for more."],
  AUTH_RATE_LIMITED: ["Too many failed attempts", "The page tries again by itself when the gateway listens again."],
  CONTROL_UI_ORIGIN_NOT_ALLOWED: ["This address may not open the Control UI", `Add ${globalThis.location?.origin} to gateway.controlUi.allowedOrigins, or open the page on the gateway's host.`],
  DEVICE_AUTH_SIGNATURE_INVALID: ["The gateway does not take this browser's signature", "The page made a new key and that was refused too. Something between here and the gateway changes what the page sends."],
  DEVICE_AUTH_SIGNATURE_EXPIRED: ["The gateway's clock jumps", "The signature was made with the gateway's own time, and yet it calls it old. Check the clock of its host."],
  BAD_ADDRESS: ["That address cannot be used", "It looks like ws://127.0.0.1:18789; a page opened by HTTPS needs wss://."],
};
const INSECURE = ["This page needs a secure address", "Open it by HTTPS, or on localhost: only there a browser makes the key that the gateway asks for."];
const OLD = ["This browser is too old", "It cannot make the key (Ed25519) that the gateway asks for: Chrome 137, Firefox 129, Safari 17 and later can."];
const PAIRING = {
  "role-upgrade": "This browser asks for another role",
  "scope-upgrade": "This browser asks for more rights",
  "metadata-upgrade": "This browser has changed",
};

/** `{title, advice, command, said, reached}` of a refusal; null when it only asks for what nobody has given yet. */
export function troubleOf(error, { hasSecret, isSecure = globalThis.isSecureContext, served = "" }) {
  const { details } = error;
  const code = details.code ?? error.code;
  if (ASKS.includes(code) && !hasSecret) return null;
  const [title, ours] = reasonOf(code, details, isSecure);
  const command = commandOf(code, details);
  const keeps = command || MENDED.includes(code);
  return {
    title,
    advice: (keeps ? "" : sentence(details.hint)) || ours,
    command,
    said: `${error.message} (${code})`,
    reached: reachedOf(details.gateway, served),
  };
}

/** The gateway's hints begin as they do in a terminal. */
const sentence = (hint) => (hint ? hint.charAt(0).toUpperCase() + hint.slice(1) : "");

/** Why the connection is gone, from how it was closed and what the gateway said before. */
export function whyGone({ code, reason } = {}, goodbye = "") {
  if (goodbye.includes("restart") || code === 1013 || (code === 1012 && !goodbye)) return "The gateway is restarting.";
  if (reason === "device removed") return "The gateway ended this browser's access.";
  if (reason === "gateway auth changed") return "The gateway has a new token or password.";
  if (reason === "slow consumer") return "This page was too slow for the gateway.";
  return "The connection to the gateway is gone.";
}

/** The one line to run on the gateway's host; the gateway's own knows its profile. */
function commandOf(code, { requestId, hint = "" }) {
  if (hint.startsWith("openclaw ")) return hint;
  if (code === "AUTH_SCOPE_MISMATCH") return "openclaw devices list";
  if (code !== "PAIRING_REQUIRED") return "";
  return `openclaw devices ${requestId ? `approve ${requestId}` : "list"}`;
}

function reasonOf(code, { reason }, isSecure) {
  if (code === "CONTROL_UI_DEVICE_IDENTITY_REQUIRED") return isSecure ? OLD : INSECURE;
  if (code !== "PAIRING_REQUIRED") return REASONS[code] ?? ["The gateway refused the connection", ""];
  return [PAIRING[reason] ?? "This browser waits for approval", "Run this on the gateway's host; the page enters by itself once it is approved:"];
}

/** Which gateway answered; `served` is the instance that the page came from. */
function reachedOf(gateway, served) {
  if (!gateway?.instanceId) return "";
  const { instanceId, port, pid, stateDir } = gateway;
  const facts = [port && `port ${port}`, pid && `pid ${pid}`, stateDir && `state dir ${stateDir}`].filter(Boolean);
  const reached = `Answered by gateway ${instanceId}${facts.length ? ` (${facts.join(", ")})` : ""}.`;
  return served && served !== instanceId ? `${reached} This page came from another one, ${served}: reload it.` : reached;
}

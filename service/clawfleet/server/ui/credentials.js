/**
 * Where the gateway's address and secret come from: the page's own URL and this tab's storage, which ends with the tab.
 * Only tokens that gateways issued to this device stay in the browser.
 */

const TOKEN = "openclaw.control.token.v1:";
const ISSUED = "openclaw.device.auth.v1:";
const ADDRESS = "openclaw.control.gateway.v1";

/** Takes the token of `#token=…` out of the address bar and keeps it for the gateway that served this page; true if there was one. */
export function takeFragment() {
  const params = new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B"));
  const token = params.get("token");
  if (token === null) return false;
  params.delete("token");
  const rest = params.size ? `#${params}` : "";
  history.replaceState(history.state, "", location.pathname + location.search + rest);
  if (token.trim()) keepToken(pageAddress(), token.trim());
  chooseAddress(pageAddress());
  return Boolean(token.trim());
}

/** `text` as a WebSocket address: http(s) becomes ws(s), a bare host gets a scheme, a last slash goes. */
export function tidyAddress(text) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const url = text.trim().replace(/^http/i, "ws").replace(/\/*(#.*)?$/, "");
  return /^wss?:\/\//i.test(url) ? url : `${scheme}://${url}`;
}

/** The gateway that this tab talks to. */
export function currentAddress() {
  return storage()?.getItem(ADDRESS) ?? pageAddress();
}

/** Makes `url` this tab's gateway; the page's own needs no memory. */
export function chooseAddress(url) {
  keep(ADDRESS, url === pageAddress() ? null : url);
}

/** The secret kept for `url` in this tab, or null. */
export function tokenFor(url) {
  return storage()?.getItem(TOKEN + url) ?? null;
}

/** Keeps `token` for `url` until the tab closes; null forgets it. */
export function keepToken(url, token) {
  keep(TOKEN + url, token);
}

/** What the gateway at `place` issued to this device: `{deviceId, token, scopes}`, or null; nonsense counts as nothing. */
export function issuedAt(place) {
  try {
    return JSON.parse(localStorage.getItem(ISSUED + place));
  } catch {
    return null;
  }
}

/** Keeps what the gateway at `place` issued, where the browser lets it; null forgets it. */
export function keepIssued(place, value) {
  try {
    if (value) localStorage.setItem(ISSUED + place, JSON.stringify(value));
    else localStorage.removeItem(ISSUED + place);
  } catch {
    // then the secret is what opens the door again
  }
}

/** The gateway that served this page. */
export function pageAddress() {
  return tidyAddress(location.origin + location.pathname);
}

function keep(key, value) {
  if (value) storage()?.setItem(key, value);
  else storage()?.removeItem(key);
}

/** This tab's storage; null where the browser forbids it, then a secret lives as long as the page. */
function storage() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

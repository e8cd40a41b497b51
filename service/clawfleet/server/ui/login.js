/** What the page shows at a gateway's door, and what it makes of a refusal: it forgets just what proved stale. Protocol §6–8. */

import { issuedAt, keepIssued, keepToken } from "./credentials.js";
import { forgetDevice, ownDevice, prove } from "./device.js";

const ROLE = "operator";
const SCOPES = ["admin", "read", "write", "approvals", "questions", "pairing"].map((scope) => `operator.${scope}`);
const STALE = ["AUTH_DEVICE_TOKEN_MISMATCH", "AUTH_TOKEN_MISMATCH", "AUTH_PASSWORD_MISMATCH"];
const BAD_KEY = ["DEVICE_AUTH_SIGNATURE_INVALID", "DEVICE_AUTH_DEVICE_ID_MISMATCH", "DEVICE_AUTH_PUBLIC_KEY_INVALID"];
const NOT_NOW = ["AUTH_SCOPE_MISMATCH", "AUTH_RATE_LIMITED"];
const BAD_MOMENT = ["DEVICE_AUTH_SIGNATURE_EXPIRED", "DEVICE_AUTH_NONCE_MISMATCH"];

/**
 * One person's way into the gateway at `url`. `secret` is its token or password, null for none; one that was just
 * given goes before the device token that this gateway issued earlier, a remembered one after it.
 */
export class Login {
  #url;
  #secret;
  #isFresh;
  #place = ""; // the gateway's address, instance and role: its device token is for nobody else
  #device = null;
  #shown = "nothing";
  #left = [];
  #tried = new Set();

  constructor(url, secret, { isFresh = false } = {}) {
    this.#url = url;
    this.#secret = secret;
    this.#isFresh = isFresh;
  }

  /** Whether there is a secret that has not been refused. */
  get hasSecret() {
    return Boolean(this.#secret);
  }

  /** Role, scopes, credential and device for `connect`, under the challenge of this socket. */
  async present({ nonce, ts = Date.now(), instanceId = "" }, client) {
    this.#place = [this.#url, instanceId, ROLE].join(" ");
    const device = await ownDevice();
    this.#device = device?.id;
    const issued = device && issuedAt(this.#place);
    this.#choose({ secret: this.#secret, device: issued?.deviceId === device?.id && issued });
    const isDevice = this.#shown === "device";
    const scopes = isDevice && issued.scopes?.length ? issued.scopes : SCOPES;
    const auth = isDevice ? { token: issued.token, deviceToken: issued.token } : this.#secretAuth();
    const asks = { role: ROLE, scopes, auth };
    return device ? { ...asks, device: await prove(device, { ...asks, client, token: auth.token, nonce, ts }) } : asks;
  }

  /** Takes the answer in: what got in is kept, with the device token that came back. */
  accepted({ auth = {} }) {
    this.#isFresh = false;
    this.#tried.clear();
    if (this.#secret) keepToken(this.#url, this.#secret);
    if (auth.deviceToken) keepIssued(this.#place, { deviceId: this.#device, token: auth.deviceToken, scopes: auth.scopes });
  }

  /** Takes a refusal in. True when the page has something else to show and should dial again. */
  async learn({ details: { code } }) {
    if (BAD_KEY.includes(code)) return this.#once(code, forgetDevice);
    if (BAD_MOMENT.includes(code)) return this.#once(code, () => {});
    if (STALE.includes(code)) this.#forget();
    else if (!NOT_NOW.includes(code)) return false;
    this.#tried.add(this.#shown);
    if (!this.#left.length) this.#tried.clear();
    return this.#left.length > 0;
  }

  #choose(has) {
    const order = this.#isFresh ? ["secret", "device"] : ["device", "secret"];
    [this.#shown = "nothing", ...this.#left] = order.filter((name) => has[name] && !this.#tried.has(name));
  }

  #secretAuth() {
    return this.#shown === "secret" ? { token: this.#secret, password: this.#secret } : {};
  }

  #forget() {
    if (this.#shown === "device") return keepIssued(this.#place, null);
    this.#secret = null;
    keepToken(this.#url, null);
  }

  async #once(code, mend) {
    if (this.#tried.has(code)) return false;
    this.#tried.add(code);
    await mend();
    return true;
  }
}

/**
 * This browser as a device: an Ed25519 key that cannot leave it, kept in IndexedDB. Where the browser forbids that, a
 * device lives as long as the page. Protocol §5.
 */

const DATABASE = "openclaw-device";
const STORE = "kept";
const KEY = "key";

let ownKey = null; // where nothing can be stored

/** The device, or null when the page is not in a secure context or the browser has no Ed25519. */
export async function ownDevice() {
  try {
    const { privateKey, publicKey } = (await keptKey()) ?? (await makeKey());
    return { id: hex(await crypto.subtle.digest("SHA-256", publicKey)), publicKey: base64url(publicKey), privateKey };
  } catch {
    return null;
  }
}

/** What `connect` carries of the device: its signature over who asks for what, under this socket's nonce. */
export async function prove(device, { client, role, scopes, token, nonce, ts }) {
  const { id, publicKey, privateKey } = device;
  const [platform, family] = [client.platform, client.deviceFamily].map((text = "") => text.trim().replace(/[A-Z]/g, (c) => c.toLowerCase()));
  const text = ["v3", id, client.id, client.mode, role, scopes.join(","), ts, token ?? "", nonce, platform, family].join("|");
  const signature = await crypto.subtle.sign("Ed25519", privateKey, new TextEncoder().encode(text));
  return { id, publicKey, signature: base64url(new Uint8Array(signature)), signedAt: ts, nonce };
}

/** Gives the key up; the next `ownDevice` is another one. */
export async function forgetDevice() {
  ownKey = null;
  await transact("readwrite", (store) => store.delete(KEY)).catch(() => {});
}

async function keptKey() {
  return ownKey ?? (await transact("readonly", (store) => store.get(KEY)).catch(() => null));
}

/** A new key, unless another tab was faster: then that one's. */
async function makeKey() {
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const made = { privateKey: pair.privateKey, publicKey };
  await transact("readwrite", (store) => store.add(made, KEY)).catch(() => {});
  ownKey = (await keptKey()) ?? made;
  return ownKey;
}

function transact(mode, use) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const end = (settle, value) => {
        database.close();
        settle(value);
      };
      try {
        const transaction = database.transaction(STORE, mode);
        const request = use(transaction.objectStore(STORE));
        transaction.oncomplete = () => end(resolve, request.result);
        transaction.onabort = () => end(reject, transaction.error);
      } catch (error) {
        end(reject, error);
      }
    };
  });
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Numbers and names as people read them. Pure functions. */

/** "4 s", "12 min", "3 h 5 min", "2 d 4 h". */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [minutes, hours, days] = [60, 3600, 86400].map((unit) => Math.floor(seconds / unit));
  if (days) return `${days} d ${hours % 24} h`;
  if (hours) return `${hours} h ${minutes % 60} min`;
  return minutes ? `${minutes} min` : `${seconds} s`;
}

/** How long ago `ts` was, in one unit: "now", "5 min", "3 h", "2 d". */
export function ago(ts) {
  const minutes = Math.floor((Date.now() - ts) / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  return minutes < 1440 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
}

/** Time of day of `ts`, with the date when that was not today. */
export function clock(ts) {
  const date = new Date(ts);
  const today = date.toDateString() === new Date().toDateString();
  const day = today ? {} : { day: "numeric", month: "short" };
  return date.toLocaleString([], { ...day, hour: "2-digit", minute: "2-digit" });
}

/** "provider/model" of a row that carries both, else "". */
export function modelRef(row) {
  const provider = row?.modelProvider ?? row?.provider;
  return provider && row.model ? `${provider}/${row.model}` : "";
}

/** What to call a session: its own name, else what was said in it, else its key in words. */
export function sessionTitle(row) {
  const named = row.label || row.displayName || row.derivedTitle || row.lastMessagePreview;
  const [, agent, kind = row.key, ...rest] = row.key.split(":");
  if (kind === "main") return agent === "main" ? "Main" : `Main of ${agent}`;
  if (named || kind !== "dashboard") return named || [kind, rest.at(-1)].filter(Boolean).join(" · ");
  return row.updatedAt ? `Chat ${rest[0].slice(0, 4)}` : "New chat";
}

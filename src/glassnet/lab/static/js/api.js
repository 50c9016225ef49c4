// Questions to the server. A mistake comes back as an Error with its one line.

export class Refused extends Error {
  constructor(message, { status, kind, values } = {}) {
    super(message);
    Object.assign(this, { status, kind, values });
  }
}

const WAITS = [300, 1000, 2500]; // milliseconds before a lost connection is tried again

export async function ask(path, { body, raw, method, signal, binary } = {}) {
  const headers = raw ? { "content-type": "application/octet-stream" }
    : body ? { "content-type": "application/json" } : {};
  const options = {
    method: method ?? (body || raw ? "POST" : "GET"),
    body: raw ?? (body ? JSON.stringify(body) : undefined),
    headers,
    signal,
  };
  const response = await fetchPatiently(`/api/${path}`, options);
  if (!response.ok) {
    const answer = await response.json().catch(() => ({ error: `${response.status} ${response.statusText}`, kind: "unexpected" }));
    throw new Refused(answer.error, { status: response.status, kind: answer.kind, values: { name: answer.name } });
  }
  if (binary) {
    const shape = response.headers.get("x-shape").split(",").map(Number);
    const largest = Number(response.headers.get("x-largest"));
    return { shape, largest, buffer: await response.arrayBuffer() };
  }
  return response.status === 204 ? null : response.json();
}

async function fetchPatiently(url, options) {
  for (const wait of WAITS) {
    try {
      const response = await fetch(url, options);
      document.documentElement.classList.remove("lost");
      return response;
    } catch (error) {
      if (error.name === "AbortError") throw error;
      document.documentElement.classList.add("lost");
      await new Promise((done) => setTimeout(done, wait));
    }
  }
  const response = await fetch(url, options).catch((error) => {
    throw error.name === "AbortError" ? error : new Refused(error.message, { kind: "offline" });
  });
  document.documentElement.classList.remove("lost");
  return response;
}

export function query(values) {
  const kept = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return new URLSearchParams(kept).toString();
}

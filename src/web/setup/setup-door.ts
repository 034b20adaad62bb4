import { createHash, timingSafeEqual } from "node:crypto";

const COOKIE = "skep_setup";

/**
 * Lets only the holder of the key through to the set-up page at `target`: whoever creates the App decides whose
 * repositories deploy. The key comes once in the address (`/?key=…`) and then in a cookie.
 */
export function createSetupDoor(options: {
  readonly key: string;
  readonly target: string;
  readonly isHttps: boolean;
}): (request: Request) => Promise<Response> {
  const attributes = `Path=/; HttpOnly; SameSite=Lax${options.isHttps ? "; Secure" : ""}`;

  return async (request) => {
    const { pathname, search, searchParams } = new URL(request.url);
    if (pathname === "/healthz") return new Response("setting up\n");
    if (pathname === "/" && isEqual(searchParams.get("key"), options.key)) {
      const headers = {
        "set-cookie": `${COOKIE}=${options.key}; ${attributes}`,
        location: "/probot",
      };
      return new Response(null, { status: 302, headers });
    }
    if (!isEqual(cookieOf(request), options.key)) {
      const text = "Open the link that Skep printed when it started.\n";
      return new Response(text, { status: 403 });
    }
    const body = request.method === "POST" ? await request.text() : null;
    const {
      status,
      headers,
      body: answer,
    } = await fetch(`${options.target}${pathname}${search}`, {
      method: request.method,
      body,
      redirect: "manual",
    });
    return new Response(answer, { status, headers: passedOn(headers) });
  };
}

function passedOn(headers: Headers): Headers {
  const kept = new Headers({ "cache-control": "no-store", "referrer-policy": "no-referrer" });
  for (const name of ["content-type", "location"]) {
    const value = headers.get(name);
    if (value !== null) kept.set(name, value);
  }
  return kept;
}

function cookieOf(request: Request): string | null {
  const cookies = (request.headers.get("cookie") ?? "").split(/; */);
  const cookie = cookies.find((entry) => entry.startsWith(`${COOKIE}=`));
  return cookie?.slice(COOKIE.length + 1) ?? null;
}

function isEqual(given: string | null, expected: string): boolean {
  const hash = (text: string): Buffer => createHash("sha256").update(text).digest();
  return given !== null && timingSafeEqual(hash(given), hash(expected));
}

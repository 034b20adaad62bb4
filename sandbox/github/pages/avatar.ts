import { createHash } from "node:crypto";

/** Draws an account's picture: a 5 × 5 pattern, mirrored, in a colour of its own. */
export function renderAvatar(login: string): string {
  const bytes = createHash("sha256").update(login.toLowerCase()).digest();
  const hue = (bytes.readUInt16BE(0) / 65_536) * 360;
  const cells: string[] = [];
  for (let i = 0; i < 15; i += 1) {
    if ((bytes[i + 2] ?? 0) % 2 === 0) continue;
    const column = Math.floor(i / 5);
    for (const x of new Set([column, 4 - column])) {
      cells.push(`<rect x="${x + 0.5}" y="${(i % 5) + 0.5}" width="1" height="1"/>`);
    }
  }
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 6 6" shape-rendering="crispEdges">',
    `<rect width="6" height="6" fill="hsl(${hue.toFixed(0)} 35% 92%)"/>`,
    `<g fill="hsl(${hue.toFixed(0)} 55% 50%)">${cells.join("")}</g></svg>`,
  ].join("");
}

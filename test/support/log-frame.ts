/** One message of an engine's log stream: 8-byte header, time, details, text. */
export function logFrame(
  text: string | Buffer,
  { stream = 1, task = "t1", stamp = "2026-11-21T00:10:21.185529663Z" } = {},
): Buffer {
  const details = `com.docker.swarm.node.id=n1,com.docker.swarm.service.id=s1,com.docker.swarm.task.id=${task}`;
  const content = Buffer.concat([Buffer.from(`${stamp} ${details} `), Buffer.from(text)]);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}

/** How many services the stack has that is deployed. */
export const SERVICES = 5;

/** The images of which one is changed for the other. */
export const IMAGES = ["localhost/bench/web:1", "localhost/bench/web:2"] as const;

/** The service whose image is changed. */
export const CHANGED = "s0";

/** A stack of services that do nothing, on a network of their own; one of them runs `image`, all others the first one. */
export function deployedStack(image: string): string {
  const services = numbers(SERVICES).map((index) => {
    const key = `s${index}`;
    return `  ${key}:
    image: ${key === CHANGED ? image : IMAGES[0]}
    environment: { A: "1", B: "${index}" }
    deploy: { replicas: 1, endpoint_mode: dnsrr }
`;
  });
  return `services:\n${services.join("")}`;
}

/** A stack to plan: services with variables, labels, a health check, networks and a config, and without tasks. */
export function plannedStack(count: number, image: string): string {
  const services = numbers(count).map((index) => {
    const variables = numbers(10).map((each) => `V${each}: "${index}.${each}"`);
    return `  s${index}:
    image: ${image}
    environment: { ${variables.join(", ")} }
    labels: { a: "${index}", b: c }
    healthcheck: { test: [CMD, "true"], interval: 5s, retries: 3 }
    networks: [n${index % 5}]
    configs: [c]
    deploy:
      replicas: 0
      endpoint_mode: dnsrr
      resources: { limits: { cpus: "0.5", memory: 64M } }
`;
  });
  const networks = numbers(5).map((index) => `  n${index}: {}\n`);
  return `services:\n${services.join("")}networks:\n${networks.join("")}configs:\n  c: { file: ./c.txt }\n`;
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

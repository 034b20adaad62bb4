import { LABELS } from "./deploy-shape.ts";
import { SERVICE } from "./service-shape.ts";
import { kind, list, mapping, named, oneOf, since, type Shape } from "./shapes.ts";

const STRING = kind("string");
const ANY: Shape = () => {};
const NAMES = /^[a-zA-Z0-9._-]+$/;
const DRIVER_OPTS = named(/^/, kind("string", "number"));
const EXTERNAL = oneOf({ boolean: ANY, mapping: mapping({ name: STRING }) });
const OPEN_EXTERNAL = oneOf({ boolean: ANY, mapping: mapping({ name: STRING }, { open: true }) });

const VERSION: Shape = (value, at) => {
  if (typeof value === "string") return;
  at.refuse("unsupported_version", "version must be a string: put it in quotes, or leave it out.");
};

const NETWORK = oneOf({
  null: ANY,
  mapping: mapping(
    {
      name: since(5, STRING),
      driver: STRING,
      driver_opts: DRIVER_OPTS,
      ipam: mapping({ driver: STRING, config: list(mapping({ subnet: STRING })) }),
      external: EXTERNAL,
      internal: kind("boolean"),
      attachable: since(2, kind("boolean")),
      labels: LABELS,
    },
    { extensions: 7 },
  ),
});

const VOLUME = oneOf({
  null: ANY,
  mapping: mapping(
    {
      name: since(4, STRING),
      driver: STRING,
      driver_opts: DRIVER_OPTS,
      external: EXTERNAL,
      labels: LABELS,
    },
    { extensions: 7 },
  ),
});

const FILE_OBJECT = {
  name: since(5, STRING),
  file: STRING,
  external: OPEN_EXTERNAL,
  labels: LABELS,
  template_driver: since(8, STRING),
};

const SECRET = mapping(
  { ...FILE_OBJECT, driver: since(8, STRING), driver_opts: since(8, DRIVER_OPTS) },
  { extensions: 7 },
);

const CONFIG = mapping(FILE_OBJECT, { extensions: 7 });

/** A whole file. The names of networks are not checked here, nor by the CLI. */
export const STACK: Shape = mapping(
  {
    version: VERSION,
    services: named(NAMES, SERVICE),
    networks: named(/^/, NETWORK),
    volumes: named(NAMES, VOLUME),
    secrets: since(1, named(NAMES, SECRET)),
    configs: since(3, named(NAMES, CONFIG)),
  },
  { extensions: 4 },
);

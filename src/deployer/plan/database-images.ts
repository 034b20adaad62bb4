/**
 * Databases whose files another version does not read, or reads once and for all: by the last part of the image's
 * name, how many leading numbers of the tag make such a version.
 */
const DATABASES: Readonly<Record<string, number>> = {
  postgres: 1,
  postgresql: 1,
  postgis: 1,
  timescaledb: 1,
  pgvector: 1,
  mysql: 2,
  "mysql-server": 2,
  mariadb: 2,
  percona: 2,
  "percona-server": 2,
  mongo: 2,
  mongodb: 2,
  "mongodb-community-server": 2,
  redis: 1,
  valkey: 1,
  keydb: 1,
  elasticsearch: 1,
  opensearch: 1,
  rabbitmq: 2,
  cassandra: 2,
  couchdb: 1,
  couchbase: 1,
  neo4j: 1,
  influxdb: 1,
  clickhouse: 1,
  "clickhouse-server": 1,
  cockroach: 2,
  etcd: 2,
  zookeeper: 2,
  kafka: 1,
  "cp-kafka": 1,
  solr: 1,
  meilisearch: 2,
  nats: 1,
  vault: 2,
  consul: 2,
};

/** A database's image, as far as its reference tells. */
interface DatabaseImage {
  /** The last part of the image's name. */
  readonly name: string;
  /** Such as `15` or `8.0`; null when the tag does not tell. */
  readonly version: string | null;
}

/**
 * The versions of a database before and after, when they differ in what its files depend on; null otherwise, also when
 * nobody can tell because the version before is not in the tag.
 */
export function databaseUpgrade(
  before: string,
  after: string,
): { readonly name: string; readonly before: string; readonly after: string | null } | null {
  const [one, other] = [readImage(before), readImage(after)];
  if (one === null || other === null || one.name !== other.name) return null;
  if (one.version === null || one.version === other.version) return null;
  return { name: one.name, before: one.version, after: other.version };
}

function readImage(reference: string): DatabaseImage | null {
  const [tagged = ""] = reference.split("@");
  const last = tagged.slice(tagged.lastIndexOf("/") + 1);
  const [name = "", tag = ""] = last.split(":");
  const parts = Object.hasOwn(DATABASES, name) ? DATABASES[name] : undefined;
  return parts === undefined ? null : { name, version: readVersion(tag, parts) };
}

/** `16.2-alpine` is `16`; `pg16` and `latest-pg16`, as makers of extensions write it, are too. */
function readVersion(tag: string, parts: number): string | null {
  const found = /(?:^|-)pg(\d+(?:\.\d+)*)/u.exec(tag) ?? /^v?(\d+(?:\.\d+)*)/u.exec(tag);
  const numbers = found?.[1];
  return numbers?.split(".").slice(0, parts).join(".") ?? null;
}

# Skep in a container. How to build and run it: docs/container.md
#
# The base is a Debian or Ubuntu with Node, npm and a user 1000. What Skep needs besides is
# installed where the base does not bring it.
ARG BASE_IMAGE=node:24-bookworm-slim

FROM ${BASE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# The Node of the lockfile, an optional package, is for bases whose own is too old. Types and
# source maps are a third of what is installed, and nothing reads them.
RUN major=$(node -p 'process.versions.node.split(".")[0]') \
  && if [ "$major" -ge 24 ]; then set -- --omit=optional; else set --; fi \
  && npm ci --omit=dev "$@" --prefer-offline --no-audit --no-fund --loglevel=error \
  && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -name '*.map' \) -delete

FROM ${BASE_IMAGE}
LABEL org.opencontainers.image.title="Skep" \
  org.opencontainers.image.description="GitOps deploys for Docker Swarm, as a GitHub App" \
  org.opencontainers.image.licenses="MIT"
RUN missing= \
  && for program in git redis-server tini; do command -v "$program" >/dev/null || missing="$missing $program"; done \
  && [ -e /etc/ssl/certs/ca-certificates.crt ] || missing="$missing ca-certificates" \
  && if [ -n "$missing" ]; then \
    apt-get update && apt-get install -y --no-install-recommends $missing && rm -rf /var/lib/apt/lists/*; \
  fi
# A new volume takes over this folder's owner.
RUN install -d -m 700 -o 1000 -g 1000 /data
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY LICENSE app.yml package.json ./
COPY bin bin
COPY src src
ENV SKEP_DATA=/data
VOLUME /data
EXPOSE 3000
USER 1000:1000
# Whether the process lives, not whether Docker answers it: starting Skep again would not mend that.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Process 1 passes signals on and reaps what git leaves behind when it is stopped half-way.
ENTRYPOINT ["tini", "--", "/app/bin/skep"]
CMD ["start"]

# The worker and the sandbox. Debian, not Alpine: Temporal's native core is built against glibc.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No scripts: `prepare` builds, and there is nothing to build yet; the native parts come ready made.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:22-bookworm-slim
# For a Temporal server behind TLS: its native core trusts the system's certificates, and the slim image has none.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# A named volume takes over the owner of the folder that it is mounted on.
RUN mkdir -p /data/artifacts /data/in /data/out /data/sandbox && chown -R node:node /data
USER node
CMD ["node", "dist/worker.js"]

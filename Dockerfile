# One image for the API and the worker; the command says which.
FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image brings its own Node, and one of the five platforms that Temporal's core is built for is enough.
RUN npm ci --omit=dev \
  && rm -rf node_modules/node \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 -not -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} + \
  && rm -rf node_modules/@temporalio/core-bridge/sdk-core

FROM node:24.21.0-bookworm-slim
# Temporal's core trusts the system's certificates, not Node's.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY src src
# The application that the image runs: another one takes the place of the shop by its own file.
COPY examples examples
ENV HOLDFAST_APP=examples/shop/app.ts
USER node
CMD ["node", "src/api/main.ts"]

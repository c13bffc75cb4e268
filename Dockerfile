# Builds Belvedere, then keeps what it needs to run: the binary, the site and the PostgreSQL client-free runtime.
FROM rust:1-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/* \
 && rustup target add wasm32-unknown-unknown
WORKDIR /belvedere
COPY . .
ENV CARGO_TARGET_DIR=/belvedere/target
# The image brings its own database: PostgreSQL binaries are not needed to build.
RUN BELVEDERE_SETUP_SKIP_POSTGRES=1 scripts/setup run \
 && bash -c 'source scripts/lib.sh && use_toolchain && build_release'

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates tini && rm -rf /var/lib/apt/lists/* \
 && useradd --system --create-home --home-dir /var/lib/belvedere belvedere
WORKDIR /opt/belvedere
COPY --from=build /belvedere/target/release/belvedere /belvedere/target/release/hash.txt ./
COPY --from=build /belvedere/target/site ./target/site
COPY --from=build /belvedere/Leptos.toml /belvedere/LICENSE ./
COPY --from=build /belvedere/samples ./samples
USER belvedere
ENV LEPTOS_HASH_FILES=true BELVEDERE_SERVER__ADDRESS=0.0.0.0:3000
EXPOSE 3000
ENTRYPOINT ["tini", "--", "/opt/belvedere/belvedere"]
CMD ["serve"]

# A small image of lakebench: the wheel and its locked dependencies, run by a user without rights.
#
#   docker build -t lakebench .
#   docker run --rm -p 127.0.0.1:4566:4566 --read-only --tmpfs /tmp -v lakebench-data:/data lakebench
#
# The base is a tag, which moves. For builds that never change give a digest that you have checked:
#   docker build --build-arg PYTHON_IMAGE=python:3.12-slim@sha256:... -t lakebench .
ARG PYTHON_IMAGE=python:3.12-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /build
COPY docker/install.sh docker/install.sh
COPY requirements/runtime.lock requirements/runtime.lock
RUN sh docker/install.sh dependencies /opt/lakebench
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN sh docker/install.sh lakebench /opt/lakebench

FROM ${PYTHON_IMAGE}
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin lakebench \
    && install --directory --owner lakebench --group lakebench --mode 700 /data
COPY --from=build /opt/lakebench /opt/lakebench
ENV PATH=/opt/lakebench/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /tmp
VOLUME /data
EXPOSE 4566
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=5 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:4566/_lakebench/health', timeout=2)"]
ENTRYPOINT ["lakebench"]
CMD ["serve", "--host", "0.0.0.0", "--data-dir", "/data"]

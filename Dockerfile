# One image for every stage; the command says which: `docker run … stream index`. docs/deployment.md has the rest.
FROM python:3.11-slim-bookworm AS packages
COPY requirements/run.txt /tmp/run.txt
RUN python3 -m venv --without-pip /app/.venv \
 && python3 -m pip --python /app/.venv/bin/python install --no-cache-dir --no-compile --require-hashes --only-binary :all: -r /tmp/run.txt

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="wenfeng" org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 wenfeng \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /app --shell /usr/sbin/nologin wenfeng \
 && install -d -o wenfeng -g wenfeng /app/var /app/var/letters \
 && install -d -o wenfeng -g wenfeng -m 700 /app/var/responses /app/var/evidence
WORKDIR /app
COPY --from=packages /app/.venv /app/.venv
COPY . .
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# What is compiled here need not be at each start, by a user who may not write it. Then every configuration is read once.
RUN python -m compileall -q -j 0 .venv/lib alerts crawlers nlp stream \
 && python -m stream check-config && python -m nlp check-config
USER 10001:10001
ENTRYPOINT ["python", "-m"]
CMD ["stream", "status"]

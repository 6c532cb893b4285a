# The lock in a container, for those who would rather not make a .venv; docs/how-to/set-up.md says how.
#
#   docker build --tag juncture .
#   docker run --rm --volume "$PWD/reports:/juncture/reports" juncture
#
# The base is an official image by its name alone: it comes from the registry Docker is set up for.
FROM python:3.12-slim

# The version of make bears on no result.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /juncture

# What the environment depends on comes first, so that a change of code does not install it anew.
COPY requirements.lock pyproject.toml README.md LICENSE ./
COPY .ci/setup .ci/setup
COPY analysis/__init__.py analysis/__init__.py
RUN .ci/setup

COPY . .
ENV PATH="/juncture/.venv/bin:$PATH" \
    OMP_NUM_THREADS=1

# What is written into a mounted folder should belong to whoever runs the container: --user.
ENV HOME=/tmp
CMD ["juncture", "reproduce"]

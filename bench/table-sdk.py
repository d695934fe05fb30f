"""What the official SDK (dataxid 0.3.1) takes for the local work that bench/table.mjs measures: no network, no server.

    python table-sdk.py train TABLE.csv          read the CSV, then everything Model.create does, up to the bodies' JSON
    python table-sdk.py decode TABLE.csv ROWS    one generate() of ROWS rows, its answer already parsed

The SDK's one HTTP function is replaced: a body is turned into JSON as the SDK's HTTP library would, and an answer comes at
once. Prints one line of JSON: seconds (wall clock) and peakMb (the process's high-water mark).
"""

import json
import resource
import sys
import time

import dataxid
import dataxid.client._http as http
import httpx
import numpy
import pandas

answer = {}


class Answer(httpx.Response):
    def json(self, **_):
        return {"data": answer} if answer else {"data": {"id": "mdl_000000000001", "epochs": 1, "epoch_history": []}}


def request(method, url, json=None, **_):
    if json is not None:
        serialize(json)
    return Answer(204 if method == "DELETE" else 201 if url.endswith("/v1/models") else 200)


def serialize(body):
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def create(table):
    return dataxid.Model.create(table, config={"seed": 1}, api_key="dx_test_bench", base_url="http://127.0.0.1:9")


def report(started_at):
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": round(time.perf_counter() - started_at, 2), "peakMb": round(peak_kib * 1024 / 1e6)}))


http.httpx.request = request
what, path = sys.argv[1:3]
if what == "train":
    started_at = time.perf_counter()
    create(pandas.read_csv(path))
    report(started_at)
else:
    rows = int(sys.argv[3])
    model = create(pandas.read_csv(path))
    random = numpy.random.default_rng(3)
    sizes = model._encoder._backend._vocab_sizes()
    answer = {"codes": {key: random.integers(0, size, rows).tolist() for key, size in sizes.items()}}
    started_at = time.perf_counter()
    model.generate(n_samples=rows)
    report(started_at)

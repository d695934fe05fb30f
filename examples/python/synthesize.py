"""Starts a synthesis job from Python, follows it to its end, and reads its result or its typed failure.

Only Temporal's own client is needed: the workflow type, the task queue and the shape of the input are a published
contract (docs/contract.md). Where Temporal is comes from TEMPORAL_ADDRESS and its siblings, as for the `temporal` command.

Progress goes to stderr; the last line on stdout is the result, or {"error": {"code", "message", ...}}.
"""

import argparse
import asyncio
import json
import os
import sys

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError

WORKFLOW_TYPE = "synthesize"
TASK_QUEUE = "dataxid-workflows"
LOOK_INTERVAL_SECONDS = 0.5


async def main() -> int:
    asked = arguments()
    config = {"target_host": "localhost:7233", **ClientConfig.load_client_connect_config()}
    client = await Client.connect(**config, lazy=True)  # the first call connects, and tries again
    job = await start(client, asked.id, request_of(asked))
    await follow(job)
    try:
        print(json.dumps(await job.result()))
        return 0
    except WorkflowFailureError as failure:
        print(json.dumps({"error": explain(failure)}))
        return 1


async def start(client: Client, job_id: str, request: dict) -> WorkflowHandle:
    """Safe to repeat: a job of this id, running or ended, is never followed by a second one."""
    try:
        return await client.start_workflow(
            WORKFLOW_TYPE,
            request,
            id=job_id,
            task_queue=TASK_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
    except WorkflowAlreadyStartedError:
        return client.get_workflow_handle(job_id)


async def follow(job: WorkflowHandle) -> None:
    """Prints each stage that the job enters, until it has ended."""
    told = 0
    while True:
        description = await job.describe()
        try:
            status = await job.query("status")
        except RPCError as error:
            print(f"no worker answers ({error.message}); the job goes on when one does", file=sys.stderr)
        else:
            for entered in status["entered"][told:]:
                print(f"{entered['at']} {entered['stage']}", file=sys.stderr)
            told = len(status["entered"])
        if description.status != WorkflowExecutionStatus.RUNNING:
            return
        await asyncio.sleep(LOOK_INTERVAL_SECONDS)


def explain(failure: WorkflowFailureError) -> dict:
    """What a failed job says: a sentence, and details with `code`, `param`, `request_id`, `doc_url` where there are any."""
    cause = failure.cause
    if isinstance(cause, ApplicationError) and cause.details:
        return {"message": cause.message, **cause.details[0]}
    return {"message": str(cause), "code": type(cause).__name__}


def request_of(asked: argparse.Namespace) -> dict:
    request = {"table": {"uri": asked.table}, "output": {"uri": asked.output}}
    if asked.rows is not None:
        request["generation"] = {"n_samples": asked.rows}
    return request


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", help="absolute path of the table, as the worker sees it")
    parser.add_argument("output", help="absolute path of the synthetic table: .csv, .tsv, .jsonl or .parquet")
    parser.add_argument("--id", required=True, help="the job's id: repeat it to attach to the same job")
    parser.add_argument("--rows", type=int, help="rows to generate (default: as many as were trained on)")
    return parser.parse_args()


code = asyncio.run(main())
sys.stdout.flush()
sys.stderr.flush()
# Past the interpreter's own end: threads of Temporal's client still run then, and now and then one of them aborts the
# process although the job went well (https://github.com/temporalio/sdk-python/issues/300).
os._exit(code)

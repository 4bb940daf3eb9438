"""The HTTP door to work that failed."""

from collections.abc import Mapping

from contract.after_class import JobPage, ListJobs
from contract.rooms import Nothing
from meetings.jobs.service import JobService
from realtime.rest import Handler, RestCall


def job_routes(jobs: JobService) -> Mapping[str, Handler]:
    """Handlers by operation, for RestDoor."""

    async def list_jobs(call: RestCall) -> JobPage:
        return await jobs.list(call.who, call.query(ListJobs))

    async def retry_job(call: RestCall) -> Nothing:
        return await jobs.retry(call.who, call.path["job_id"])

    return {"listJobs": list_jobs, "retryJob": retry_job}

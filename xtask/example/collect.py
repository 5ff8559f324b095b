"""Reads an organization through the table of read operations and writes a snapshot.

The table (crates/sources/data/operations.json) says everything about a call: this file knows no operation by name.
It calls nothing that the table does not list, and it never turns an error into an absence: an error is absence only
where the table says that this code means so; every other one goes to `refused` in the manifest, and is unknown.
"""

import argparse
import base64
import datetime
import json
import os
import sys

from botocore.exceptions import BotoCoreError, ClientError

from access import Access

# A worklist that feeds itself (units within units) must end even if a server answers in circles.
MAX_CALLS_PER_OPERATION = 100_000


def main():
    args = arguments()
    with open(args.operations, encoding="utf-8") as file:
        operations = json.load(file)
    run = Run(args, operations)
    run.collect("organization", args.management, "global")
    for account in run.accounts():
        run.collect("account", account, "global")
        for region in args.regions.split(","):
            run.collect("region", account, region)
    run.write_manifest()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--operations", required=True, help="the table of read operations")
    parser.add_argument("--out", required=True, help="the folder to write; must not exist")
    parser.add_argument("--management", required=True, help="id of the management account")
    parser.add_argument("--role", required=True, help="path and name of the role to assume in each account")
    parser.add_argument("--regions", required=True, help="Regions to read, comma-separated")
    parser.add_argument("--captured-at", default=None, help="the time to write down instead of now")
    parser.add_argument("--tool", default="collect.py", help="what to call the tool in the manifest")
    parser.add_argument("--endpoint", default=None, help="an emulator's address instead of AWS")
    return parser.parse_args()


class Run:
    def __init__(self, args, operations):
        self.args = args
        self.operations = operations
        self.access = Access(args.role, args.regions.split(",")[0], args.endpoint)
        self.answers = {}  # (account, region, operation) -> list of (request, response)
        self.read = []
        self.refused = []

    def collect(self, scope, account, region):
        for row in self.operations:
            if row["scope"] == scope:
                self.execute(row, account, region)

    def execute(self, row, account, region):
        try:
            client = self.access.client(row["service"], account, "us-east-1" if region == "global" else region)
        except (BotoCoreError, ClientError) as error:
            self.refuse(row, account, region, None, error)
            return
        lines = [self.call(row, client, account, region, request) for request in self.requests(row, account, region)]
        if takes_parameters(row):
            self.write(row, account, region, "jsonl", "".join(json.dumps(line) + "\n" for line in lines))
        elif lines and "response" in lines[0]:
            self.write(row, account, region, "json", json.dumps(lines[0]["response"], indent=2) + "\n")

    def requests(self, row, account, region):
        """The requests of one operation; one that feeds on its own answers is asked again until nothing is new."""
        fixed = {name: value.replace("${account}", account) if isinstance(value, str) else value for name, value in row.get("parameters", {}).items()}
        if "parameters_each" in row:
            ((name, values),) = row["parameters_each"].items()
            yield from ({**fixed, name: value} for value in values)
            return
        if "for_each" not in row:
            yield fixed
            return
        done = set()
        fresh = True
        while fresh and len(done) < MAX_CALLS_PER_OPERATION:
            fresh = False
            for request in self.sourced(row["for_each"], account, region):
                key = json.dumps(request, sort_keys=True)
                if key not in done:
                    done.add(key)
                    fresh = True
                    yield {**request, **fixed}

    def sourced(self, sources, account, region):
        for source in sources:
            for where in ((account, region), (account, "global")):
                for request, response in list(self.answers.get((*where, source["operation"]), [])):
                    for value in items(response, source["items"]):
                        carried = {name: request[name] for name in source.get("carry", []) if name in request}
                        yield {**carried, source["parameter"]: value}

    def call(self, row, client, account, region, request):
        try:
            response = plain(answer(client, row["method"], request))
        except (BotoCoreError, ClientError) as error:
            if code_of(error) not in row.get("absent_codes", []):
                self.refuse(row, account, region, request, error)
            return {"request": request, "error": described(error)}
        for path in row.get("remove", []):
            remove(response, path.split("."))
        self.answers.setdefault((account, region, row["operation"]), []).append((request, response))
        return {"request": request, "response": response}

    def accounts(self):
        listed = self.answers.get((self.args.management, "global", "organizations.list-accounts"), [])
        found = [account["Id"] for _, response in listed for account in response["Accounts"]]
        return sorted(found) or [self.args.management]

    def write(self, row, account, region, ending, text):
        name = f"{account}/{region}/{row['operation']}.{ending}"
        path = os.path.join(self.args.out, name)
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        self.read.append({"file": name, "account": account, "region": region, "operation": row["operation"]})

    def refuse(self, row, account, region, request, error):
        refusal = {"account": account, "region": region, "operation": row["operation"]}
        if request:
            refusal["request"] = request
        self.refused.append({**refusal, "error": described(error)})

    def write_manifest(self):
        listed = self.answers.get((self.args.management, "global", "organizations.describe-organization"), [])
        organization = listed[0][1]["Organization"] if listed else {}
        manifest = {
            "version": 1,
            "captured_at": self.args.captured_at or datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "partition": "aws",
            "organization": {"id": organization.get("Id"), "management_account": self.args.management},
            "tool": self.args.tool,
            "read": self.read,
            "completed": [],
            "refused": self.refused,
        }
        with open(os.path.join(self.args.out, "manifest.json"), "w", encoding="utf-8") as file:
            file.write(json.dumps(manifest, indent=2) + "\n")
        print(f"read {len(self.read)} files, refused {len(self.refused)} calls", file=sys.stderr)


def takes_parameters(row):
    """Such an operation is one line per call; a single answer is a file as the AWS CLI prints it."""
    return any(field in row for field in ("for_each", "parameters", "parameters_each", "absent_codes"))


def answer(client, method, request):
    name = next(name for name, api in client.meta.method_to_api_mapping.items() if api == method)
    if client.can_paginate(name):
        return client.get_paginator(name).paginate(**request).build_full_result()
    response = getattr(client, name)(**request)
    response.pop("ResponseMetadata", None)
    return response


def plain(value):
    """The answer in the types and spellings of the AWS CLI."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value


def items(value, path):
    """The values at a path such as `Keys[].KeyId`."""
    found = [value]
    for step in path.split("."):
        name, many = (step[:-2], True) if step.endswith("[]") else (step, False)
        found = [item[name] for item in found if isinstance(item, dict) and item.get(name) is not None]
        if many:
            found = [item for part in found for item in part]
    return found


def remove(value, path):
    """Empties what a path such as `Functions[].Environment.Variables.*` leads to; the names stay."""
    if not path or value is None:
        return
    step, rest = path[0], path[1:]
    if step == "*":
        for name in value:
            value[name] = ""
    elif step.endswith("[]"):
        for item in value.get(step[:-2], []):
            remove(item, rest)
    else:
        remove(value.get(step), rest)


def code_of(error):
    return error.response.get("Error", {}).get("Code", "Unknown") if isinstance(error, ClientError) else type(error).__name__


def described(error):
    if isinstance(error, ClientError):
        return {"code": code_of(error), "message": error.response.get("Error", {}).get("Message", "")}
    return {"code": code_of(error), "message": str(error)}


main()

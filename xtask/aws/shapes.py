"""Writes the shapes of the calls in the table of read operations: `cargo xtask shapes`.

botocore publishes, for each AWS service, a model of its API: protocol, parameters, answers, pages. Here only what the
table calls is taken from it, and of that only what is needed to make the call and to write its answer as the AWS CLI
prints it. Shapes that need no care (an answer in JSON whose members are named as printed) are left out: an answer
passes through them as it is.
"""

import json
import os
import sys

import botocore
import botocore.loaders

TABLE, OUT, AS_OF = sys.argv[1:4]

LOADER = botocore.loaders.Loader()
ENDPOINTS = LOADER.load_data("endpoints")["partitions"]
PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
TREE = {"query": True, "ec2": True, "rest-xml": True, "json": False, "rest-json": False}
SCALARS = {"boolean": "b", "integer": "i", "long": "i", "float": "f", "double": "f", "string": "s", "character": "s", "blob": "x"}
# How the reader comes by its credentials: no rows of the table, because they are no part of a snapshot.
SESSION = [
    {"operation": "sts.get-caller-identity", "service": "sts", "method": "GetCallerIdentity"},
    {
        "operation": "sts.assume-role",
        "service": "sts",
        "method": "AssumeRole",
        "parameters": dict.fromkeys(["RoleArn", "RoleSessionName", "ExternalId"]),
    },
]
# Parameters and answers that carry the place in a list, where botocore knows no pages.
TOKENS = (("NextToken", "NextToken"), ("nextToken", "nextToken"), ("Marker", "Marker"))


def main():
    with open(TABLE, encoding="utf-8") as file:
        rows = json.load(file)
    services, operations, sensitive = {}, {}, {}
    for row in rows + SESSION:
        name = row["service"]
        if name not in services:
            services[name] = Service(name)
        service = services[name]
        operations[row["operation"]] = service.operation(row)
        found = sorted(service.sensitive(row["method"]))
        if found and row not in SESSION:
            sensitive[row["operation"]] = found
    write(services, operations, sensitive)


class Service:
    def __init__(self, name):
        self.name = name
        self.model = LOADER.load_service_model(name, "service-2")
        self.pages = self.paginators()
        self.meta = self.model["metadata"]
        self.tree = TREE[self.meta["protocol"]]
        self.used = {}

    def paginators(self):
        try:
            return LOADER.load_service_model(self.name, "paginators-1")["pagination"]
        except botocore.exceptions.UnknownServiceError:
            return {}

    def describe(self):
        meta = self.meta
        found = {
            "protocol": meta["protocol"],
            "version": meta["apiVersion"],
            "prefix": meta["endpointPrefix"],
            "signing": meta.get("signingName", meta["endpointPrefix"]),
        }
        if "targetPrefix" in meta:
            found["target"] = meta["targetPrefix"]
        if "jsonVersion" in meta and meta["protocol"] == "json":
            found["json"] = meta["jsonVersion"]
        world = self.world()
        if world:
            found["global"] = world
        return found

    def world(self):
        """Hosts of a service that has one for all Regions, by partition."""
        found = {}
        for partition in ENDPOINTS:
            service = partition["services"].get(self.meta["endpointPrefix"], {})
            if partition["partition"] in PARTITIONS and service.get("isRegionalized") is False:
                endpoint = service["endpoints"][service["partitionEndpoint"]]
                found[partition["partition"]] = [endpoint["hostname"], endpoint["credentialScope"]["region"]]
        return found

    def operation(self, row):
        model = self.model["operations"][row["method"]]
        pages = self.pages_of(row["method"], model)
        taken = set(row.get("parameters", {})) | set(row.get("parameters_each", {}))
        for source in row.get("for_each", []):
            taken |= {source["parameter"].removesuffix("[]")} | set(source.get("carry", []))
        taken |= set(pages["in"]) if pages else set()
        found = {"service": self.name, "name": model["name"], "http": f"{model['http']['method']} {model['http']['requestUri']}"}
        if "hostPrefix" in model.get("endpoint", {}):
            found["host_prefix"] = model["endpoint"]["hostPrefix"]
        given = self.inputs(model, taken)
        if given:
            found["input"] = given
        if "output" in model:
            output = self.shape(model["output"]["shape"])
            if output:
                found["output"] = output
            if "resultWrapper" in model["output"]:
                found["wrapper"] = model["output"]["resultWrapper"]
        if pages:
            found["pages"] = pages
        return found

    def inputs(self, model, taken):
        if not taken:
            return {}
        members = self.model["shapes"][model["input"]["shape"]]["members"]
        return {name: self.input(members[name]) for name in sorted(taken)}

    def input(self, member):
        shape = self.model["shapes"][member["shape"]]
        found = {}
        if "location" in member:
            found["in"] = member["location"]
        location = member.get("queryName") if self.meta["protocol"] == "ec2" else None
        if location is None and "locationName" in member:
            location = member["locationName"]
            if self.meta["protocol"] == "ec2":
                location = location[0].upper() + location[1:]
        if location is not None:
            found["name"] = location
        if shape["type"] == "list":
            inner = shape["member"].get("locationName", "member")
            # The EC2 protocol writes lists without a level for the member.
            found["list"] = "" if shape.get("flattened") or self.meta["protocol"] == "ec2" else inner
        return found

    def pages_of(self, method, model):
        page = self.pages.get(method)
        output = self.model["shapes"][model["output"]["shape"]]["members"] if "output" in model else {}
        given = self.model["shapes"][model["input"]["shape"]]["members"] if "input" in model else {}
        if page is None:
            for into, out in TOKENS:
                if into in given and out in output:
                    lists = [name for name, member in output.items() if self.model["shapes"][member["shape"]]["type"] == "list"]
                    return {"in": [into], "out": [out], "results": lists}
            return None
        found = {"in": many(page["input_token"]), "out": many(page["output_token"]), "results": many(page["result_key"])}
        if "more_results" in page:
            found["more"] = page["more_results"]
        for token in found["out"] + found["results"]:
            assert token.replace(".", "").isalnum(), f"{self.name} {method}: {token}"
        return found

    def shape(self, name):
        """How a shape is read: a letter for a scalar, its name for the rest, None where nothing is to be done."""
        shape = self.model["shapes"][name]
        kind = shape["type"]
        if kind in ("structure", "list", "map"):
            return name if self.keep(name) else None
        if kind == "timestamp":
            form = shape.get("timestampFormat")
            return f"t:{form}" if form else "t"
        if self.name == "iam" and name == "policyDocumentType":
            return "p"
        return SCALARS[kind] if self.tree else None

    def keep(self, name):
        if name in self.used:
            return self.used[name] is not None
        # A shape that contains itself is kept, so that reading it ends.
        self.used[name] = {}
        entry = getattr(self, self.model["shapes"][name]["type"])(self.model["shapes"][name])
        self.used[name] = entry
        return entry is not None

    def structure(self, shape):
        members = {}
        for name, member in shape.get("members", {}).items():
            inner = self.shape(member["shape"])
            flags = self.flags(member)
            location = member.get("locationName")
            if inner is None and not flags and location in (None, name):
                continue
            entry = [inner or "", location or name, *flags]
            members[name] = entry[0] if len(entry) == 2 and entry[1] == name and entry[0] else entry
        if not members and not self.tree:
            return None
        found = {"s": members}
        if "payload" in shape:
            found["payload"] = shape["payload"]
        return found

    def flags(self, member):
        found = []
        if member.get("flattened") or (self.tree and self.model["shapes"][member["shape"]].get("flattened")):
            found.append("flattened")
        if "location" in member:
            found.append(member["location"])
        if member.get("xmlAttribute"):
            found.append("attribute")
        return found

    def list(self, shape):
        inner = self.shape(shape["member"]["shape"])
        if inner is None and not self.tree:
            return None
        found = {"l": inner}
        if self.tree:
            found["n"] = shape["member"].get("locationName", "member")
        return found

    def map(self, shape):
        inner = self.shape(shape["value"]["shape"])
        if inner is None and not self.tree:
            return None
        found = {"m": inner}
        if self.tree:
            found |= {"k": shape["key"].get("locationName", "key"), "v": shape["value"].get("locationName", "value")}
        return found

    def sensitive(self, method):
        model = self.model["operations"][method]
        return set(self.secrets(model["output"]["shape"], "", ())) if "output" in model else set()

    def secrets(self, name, path, above):
        """Paths of what the model calls sensitive, in the words of the table's column `remove`."""
        shape = self.model["shapes"][name]
        if shape.get("sensitive"):
            yield path.lstrip(".")
        elif name not in above:
            if shape["type"] == "structure":
                for member, inner in shape.get("members", {}).items():
                    yield from self.secrets(inner["shape"], f"{path}.{member}", (*above, name))
            elif shape["type"] == "list":
                yield from self.secrets(shape["member"]["shape"], f"{path}[]", (*above, name))
            elif shape["type"] == "map":
                yield from self.secrets(shape["value"]["shape"], f"{path}.*", (*above, name))


def many(value):
    return value if isinstance(value, list) else [value]


def write(services, operations, sensitive):
    head = {
        "source": f"service models of botocore {botocore.__version__} (Apache-2.0)",
        "as_of": AS_OF,
        "regenerate": "cargo xtask shapes",
    }
    parts = [f"{line(key)}: {line(value)}" for key, value in head.items()]
    parts.append('"services": ' + block({name: service.describe() for name, service in sorted(services.items())}, 1))
    parts.append('"operations": ' + block(operations, 1))
    shapes = {name: {key: value for key, value in sorted(service.used.items()) if value is not None} for name, service in sorted(services.items())}
    parts.append('"shapes": {\n' + ",\n".join(f"  {line(name)}: {block(found, 2)}" for name, found in shapes.items()) + "\n }")
    parts.append('"sensitive": ' + block(sensitive, 1))
    with open(OUT, "w", encoding="utf-8") as file:
        file.write("{\n " + ",\n ".join(parts) + "\n}\n")
    print(f"{OUT}: {len(operations)} operations of {len(services)} services, {os.path.getsize(OUT)} bytes", file=sys.stderr)


def block(entries, depth):
    """One entry a line."""
    if not entries:
        return "{}"
    indent = " " * (depth + 1)
    return "{\n" + ",\n".join(f"{indent}{line(key)}: {line(value)}" for key, value in entries.items()) + "\n" + " " * depth + "}"


def line(value):
    return json.dumps(value, ensure_ascii=False)


main()

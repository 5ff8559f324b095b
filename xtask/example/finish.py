"""Makes the snapshot of the example the same on every run, and completes it.

The emulator draws ids at random and stamps the time of the run. Here every such id is renamed after the thing that it
names (its alias, Name tag, ARN), every time of the run becomes the capture time, and lists are put in order. Then the
files that the emulator could not answer are added from `completed/`. The manifest says all this.
"""

import hashlib
import json
import os
import re
import shutil
import sys
import uuid

SNAPSHOT, COMPLETED, ENDPOINT, CAPTURED_AT = sys.argv[1:5]

# Fixed, because the boundary names them.
ORGANIZATION, ROOT = "o-acme1a2b3c", "r-acme"

# Elements that hold a policy: the order of what is in them is the author's.
DOCUMENTS = ("PolicyDocument", "AssumeRolePolicyDocument", "Document", "Policy", "ResourcePolicy", "Content", "Attributes")

HEX_ID = r"(?:vpce|vpc|subnet|rtb|rtbassoc|eni|sg|pl|acl|igw|vpc-cidr-assoc)-[0-9a-f]{8,17}"
RANDOM = re.compile(
    rf"\b(?:{HEX_ID}|[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}|(?:AROA|AIDA|AGPA|ANPA)[A-Z0-9]{{16,17}}"
    r"|ssoins-[0-9a-z]{16}|ps-[0-9a-z]{16}|d-[0-9a-z]{10}|o-[0-9a-z]{10}|p-[0-9a-z]{8}|ou-[0-9a-z]{4}-[0-9a-z]{8}|r-[0-9a-z]{4})\b"
)
MOMENT = re.compile(r"20(?:2[6-9]|[3-9][0-9])-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|\+00:00)?")


def tag(item):
    return next((entry["Value"] for entry in item.get("Tags", []) if entry["Key"] == "Name"), None)


# Where ids are born: operation, path to the items, field of the id, and what the item is called. An item that is called
# nothing keeps its id.
NAMED = [
    ("kms.list-aliases", "Aliases[]", "TargetKeyId", lambda item: None if item["AliasName"].startswith("alias/aws/") else item["AliasArn"]),
    ("organizations.list-organizational-units-for-parent", "OrganizationalUnits[]", "Id", lambda item: item["Name"]),
    ("organizations.list-policies", "Policies[]", "Id", lambda item: None if item["AwsManaged"] else item["Type"] + item["Name"]),
    ("ec2.describe-vpcs", "Vpcs[]", "VpcId", tag),
    ("ec2.describe-subnets", "Subnets[]", "SubnetId", tag),
    ("ec2.describe-vpc-endpoints", "VpcEndpoints[]", "VpcEndpointId", tag),
    ("ec2.describe-route-tables", "RouteTables[]", "RouteTableId", lambda item: tag(item) or "main of " + item["OwnerId"]),
    ("ec2.describe-security-groups", "SecurityGroups[]", "GroupId", lambda item: item["VpcId"] + " " + item["GroupName"]),
    ("iam.get-account-authorization-details", "UserDetailList[]", "UserId", lambda item: item["Arn"]),
    ("iam.get-account-authorization-details", "GroupDetailList[]", "GroupId", lambda item: item["Arn"]),
    ("iam.get-account-authorization-details", "RoleDetailList[]", "RoleId", lambda item: item["Arn"]),
    ("sso-admin.list-instances", "Instances[]", "InstanceArn", lambda item: "instance"),
    ("sso-admin.list-instances", "Instances[]", "IdentityStoreId", lambda item: "store"),
    ("sso-admin.describe-permission-set", "PermissionSet", "PermissionSetArn", lambda item: item["Name"]),
    ("secretsmanager.list-secrets", "SecretList[]", "ARN", lambda item: item["Name"]),
    ("lambda.list-functions", "Functions[]", "FunctionArn", lambda item: None),
    ("lambda.get-policy", "", "RevisionId", lambda item: item["Policy"]),
    ("dynamodb.get-resource-policy", "", "RevisionId", lambda item: item["Policy"]),
]


def main():
    forget()
    files = load()
    networks = {subnet["SubnetId"]: subnet["VpcId"] for name, trees in files.items() if operation(name) == "ec2.describe-subnets" for subnet in trees[0]["Subnets"]}
    for name, trees in files.items():
        for tree in trees:
            settle(name, body(tree), networks)
    renamed = names(files)
    written = {name: [rewrite(tree, renamed) for tree in trees] for name, trees in files.items()}
    check(written, renamed)
    for name, trees in written.items():
        store(name, trees)
    finish_manifest(renamed)


def forget():
    """The emulator's own disk snapshots, which it answers to every question about snapshots."""
    path = os.path.join(SNAPSHOT, "manifest.json")
    with open(path, encoding="utf-8") as file:
        manifest = json.load(file)
    for entry in [entry for entry in manifest["read"] if entry["operation"] == "ec2.describe-snapshots"]:
        os.remove(os.path.join(SNAPSHOT, entry["file"]))
        manifest["read"].remove(entry)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(manifest, file)


def load():
    files = {}
    for folder, _, entries in sorted(os.walk(SNAPSHOT)):
        for entry in sorted(entries):
            path = os.path.join(folder, entry)
            if entry != "manifest.json":
                with open(path, encoding="utf-8") as file:
                    text = file.read()
                files[os.path.relpath(path, SNAPSHOT)] = [json.loads(line) for line in text.splitlines()] if entry.endswith("l") else [json.loads(text)]
    return files


def body(tree):
    return tree.get("response", tree)


def operation(name):
    return os.path.basename(name).rsplit(".", 1)[0]


def settle(name, tree, networks):
    """What the emulator answers and AWS would not."""
    if operation(name) == "iam.get-account-authorization-details":
        # AWS lists those of its policies that something uses; moto lists all of them.
        tree["Policies"] = [policy for policy in tree["Policies"] if not policy["Arn"].startswith("arn:aws:iam::aws:") or policy["AttachmentCount"]]
        for user in tree["UserDetailList"]:
            user["UserId"] = "AIDA" + user["UserId"][:17].upper()
        for group in tree["GroupDetailList"]:
            group["GroupId"] = "AGPA" + group["GroupId"][:17].upper()
    if operation(name) == "lambda.list-functions":
        for function in tree["Functions"]:
            for subnet in function["VpcConfig"]["SubnetIds"]:
                function["VpcConfig"]["VpcId"] = networks[subnet]
    if operation(name) == "cloudtrail.describe-trails":
        for trail in tree["trailList"]:
            trail["HasCustomEventSelectors"] = True
    if operation(name) == "s3api.get-object-lock-configuration":
        # AWS answers the unit that was set, moto the other one as well, as zero.
        for rule in items(tree, "ObjectLockConfiguration.Rule.DefaultRetention"):
            rule.pop("Years")
    if operation(name) == "sqs.get-queue-attributes":
        for field in ("CreatedTimestamp", "LastModifiedTimestamp"):
            tree["Attributes"][field] = "1795338000"
    if operation(name) == "ec2.describe-vpc-endpoints":
        # Names and interfaces of its own making, which no control tests.
        for endpoint in tree["VpcEndpoints"]:
            endpoint["NetworkInterfaceIds"] = []
            endpoint["DnsEntries"] = []


def items(tree, path):
    found = [tree]
    for step in [step for step in path.split(".") if step]:
        found = [item[step.removesuffix("[]")] for item in found if step.removesuffix("[]") in item]
        if step.endswith("[]"):
            found = [item for part in found for item in part]
    return found


def names(files):
    """Old id to new id. What lies inside a named thing and has no name is called after it and its place in it."""
    renamed = {}
    for wanted, path, field, called in NAMED:
        for name, trees in files.items():
            if operation(name) != wanted:
                continue
            for item in [item for tree in trees if "error" not in tree for item in items(body(tree), path)]:
                name_of_item = called_of(called, item, renamed) if field in item else None
                if name_of_item:
                    rename(renamed, item[field], f"{wanted} {name_of_item}")
                elif field in item:
                    renamed[item[field]] = item[field]
    for name, trees in files.items():
        if operation(name) == "organizations.describe-organization":
            renamed[trees[0]["Organization"]["Id"]] = ORGANIZATION
        if operation(name) == "organizations.list-roots":
            renamed[trees[0]["Roots"][0]["Id"]] = ROOT
    for wanted, path, field, called in NAMED:
        for name, trees in files.items():
            if operation(name) == wanted:
                for item in [item for tree in trees if "error" not in tree for item in items(body(tree), path)]:
                    inner(renamed, item, f"{wanted} {called_of(called, item, renamed)}")
    return renamed


def called_of(called, item, renamed):
    name = called(item)
    return name and re.sub(RANDOM, lambda found: renamed.get(found.group(), "?"), name)


def rename(renamed, old, name):
    """The new id has the shape of the old one; its random part is drawn from the name."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    if re.fullmatch(r"[0-9a-f-]{36}", old):
        new = str(uuid.UUID(digest[:32], version=4))
    elif match := re.fullmatch(r"(arn:aws:secretsmanager:.*-)[A-Za-z0-9]{6}", old):
        new = match[1] + digest[:6]
    elif match := re.fullmatch(r"(AROA|AIDA|AGPA|ANPA)([A-Z0-9]+)", old):
        new = match[1] + digest.upper()[: len(match[2])]
    elif match := re.fullmatch(r"ou-[0-9a-z]{4}-([0-9a-z]{8})", old):
        new = f"ou-{ROOT[2:]}-{digest[:8]}"
    elif old.isdigit():
        new = str(int(digest[:10], 16))
    else:
        head, tail = old.rsplit("-", 1)
        new = f"{head}-{digest[: len(tail)]}"
        if old.startswith("arn:aws:sso:::permissionSet/"):
            new = re.sub(r"ssoins-[0-9a-z]+", lambda found: renamed.get("arn:aws:sso:::instance/" + found.group(), "?").rsplit("/", 1)[1], new)
    if renamed.setdefault(old, new) != new:
        raise SystemExit(f"{old} has two names: {renamed[old]} and {new}")


def inner(renamed, item, owner):
    for place, value in strings(item, ""):
        for old in RANDOM.findall(value) if RANDOM.fullmatch(value) else []:
            if old not in renamed and old not in renamed.values():
                near = next((gateway for gateway in re.findall(r"GatewayId=(\S+)", place)), "")
                rename(renamed, old, f"{owner} {re.sub(r'GatewayId=.*', '', place)} {renamed.get(near, near)}")


def strings(value, place):
    """Every string with its place: names of elements, and for routes the gateway that tells one from another."""
    if isinstance(value, dict):
        beside = f" GatewayId={value['GatewayId']}" if "GatewayId" in value else ""
        for key, item in value.items():
            yield from strings(item, f"{place}/{key}{beside}")
    elif isinstance(value, list):
        for item in value:
            yield from strings(item, place)
    elif isinstance(value, str):
        yield place, value


def rewrite(tree, renamed):
    text = json.dumps(tree)
    for old in sorted(renamed, key=len, reverse=True):
        text = re.sub(rf"(?<![0-9A-Za-z]){re.escape(old)}(?![0-9A-Za-z])", renamed[old], text)
    text = text.replace(ENDPOINT, "https://sqs.eu-west-1.amazonaws.com")
    text = MOMENT.sub(CAPTURED_AT.removesuffix("Z") + r"\1", text)
    tree = json.loads(text)
    return ordered(tree)


def ordered(value, key=None):
    if isinstance(value, dict):
        return {name: item if name in DOCUMENTS else ordered(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return sorted((ordered(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


def check(files, renamed):
    known = " ".join(renamed.values())
    left = {(name, found) for name, trees in files.items() for found in RANDOM.findall(json.dumps(trees)) if found not in known}
    for name, found in sorted(left):
        print(f"{name}: {found} was not renamed", file=sys.stderr)
    if left:
        raise SystemExit(1)


def store(name, trees):
    path = os.path.join(SNAPSHOT, name)
    lines = sorted(json.dumps(tree) for tree in trees)
    text = "".join(line + "\n" for line in lines) if name.endswith("l") else json.dumps(trees[0], indent=2) + "\n"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def finish_manifest(renamed):
    path = os.path.join(SNAPSHOT, "manifest.json")
    with open(path, encoding="utf-8") as file:
        manifest = rewrite(json.load(file), renamed)
    manifest["captured_at"] = CAPTURED_AT
    manifest["tool"] = "cargo xtask example: moto 5.2.1, filled by Terraform, read by cofferdam collect"
    # The emulator's other Regions hold nothing.
    manifest.pop("left_out", None)
    manifest["rewritten"] = "ids that the emulator drew at random are renamed after what they name, times of the run are the capture time, lists are in order"
    with open(os.path.join(COMPLETED, "completed.json"), encoding="utf-8") as file:
        manifest["completed"] = json.load(file)
    for entry in manifest["completed"]:
        complete(manifest, entry["file"])
    manifest["read"].sort(key=lambda entry: entry["file"])
    with open(path, "w", encoding="utf-8") as file:
        file.write(compact(manifest))


def complete(manifest, name):
    account, region, _ = name.split("/")
    target = os.path.join(SNAPSHOT, name)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(os.path.join(COMPLETED, name), target)
    entry = {"file": name, "account": account, "region": region, "operation": operation(name)}
    manifest["read"] = [other for other in manifest["read"] if other["file"] != name] + [entry]
    same = lambda other: all(other[field] == entry[field] for field in ("account", "region", "operation"))
    manifest["refused"] = [other for other in manifest["refused"] if not same(other)]


def compact(manifest):
    """One entry a line: a manifest is read by people too."""
    parts = []
    for name, value in manifest.items():
        if isinstance(value, list) and value:
            parts.append(f"  {json.dumps(name)}: [\n" + ",\n".join("    " + json.dumps(entry) for entry in value) + "\n  ]")
        else:
            parts.append(f"  {json.dumps(name)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


main()

"""Holds the answers of `check` against the schemas that others publish for their formats.

SARIF against the schema of the standard, JUnit's XML against the schema that its readers ship, OCSF
against the models of its schema, the AWS Security Finding Format against the service model of Security
Hub, and workflow commands against their grammar. The directory holds one file a format.
"""

import json
import pathlib
import re
import sys
import tarfile

import botocore.loaders
import botocore.model
import botocore.validate
import jsonschema
import xmlschema
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

COMMAND = re.compile(r"^::(error|warning) (\w+=[^,:]*)(,\w+=[^,:]*)*::.+$")


def sarif(text, schemas):
    schema = schemas / "sarif-2.1.0.json"
    if not schema.exists():
        return "left out: its schema cannot be had here"
    validator = jsonschema.Draft7Validator(json.loads(schema.read_text()))
    answer = json.loads(text)
    errors = [error.message[:300] for error in validator.iter_errors(answer)]
    assert not errors, errors[:5]
    return f"{len(answer['runs'][0]['results'])} results"


def junit(text, schemas):
    archive = next(schemas.glob("pytest-*.tar.gz"), None)
    if archive is None:
        return "left out: its schema cannot be had here"
    with tarfile.open(archive) as opened:
        member = next(name for name in opened.getnames() if name.endswith("/junit-10.xsd"))
        schema = xmlschema.XMLSchema(opened.extractfile(member).read().decode())
    schema.validate(text)
    return f"{text.count('<testcase ')} tests"


def ocsf(text, _):
    events = [json.loads(line) for line in text.splitlines()]
    for event in events:
        ComplianceFinding.model_validate(event)
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
    uids = [(event["finding_info"]["uid"]) for event in events]
    assert len(uids) == len(set(uids)), "a uid is used twice"
    return f"{len(events)} events"


def asff(text, _):
    model = botocore.loaders.Loader().load_service_model("securityhub", "service-2")
    service = botocore.model.ServiceModel(model)
    shape = service.operation_model("BatchImportFindings").input_shape
    count = 0
    for line in text.splitlines():
        batch = json.loads(line)
        report = botocore.validate.ParamValidator().validate(batch, shape)
        assert not report.has_errors(), report.generate_report()[:500]
        assert 1 <= len(batch["Findings"]) <= 100
        count += len(batch["Findings"])
    return f"{count} findings"


def github(text, _):
    for line in text.splitlines():
        assert COMMAND.match(line), line[:200]
    return f"{len(text.splitlines())} commands"


def main():
    answers, schemas = map(pathlib.Path, sys.argv[1:3])
    for check in (sarif, junit, ocsf, asff, github):
        text = (answers / check.__name__).read_text()
        assert text.strip(), f"{check.__name__} is empty"
        print(f"  {check.__name__}: {check(text, schemas)}")


if __name__ == "__main__":
    main()

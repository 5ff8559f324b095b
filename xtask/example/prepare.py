"""What the example needs and the Terraform provider cannot ask of the emulator.

The provider starts a trail by its ARN, which moto does not know; it calls S3 Control by a host name that does not
resolve here. moto also gives each account a default VPC, which account vending removes, and the management account a
role that AWS gives to the others alone.
"""

import json
import sys

from access import Access

ACCOUNTS, ENDPOINT, REGION = sys.argv[1:4]
BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}


def main():
    with open(ACCOUNTS, encoding="utf-8") as file:
        accounts = json.load(file)["accounts"]
    access = Access("OrganizationAccountAccessRole", REGION, ENDPOINT)
    access.client("cloudtrail", accounts["management"], REGION).start_logging(Name="org-trail")
    access.client("iam", accounts["management"], REGION).delete_role(RoleName="OrganizationAccountAccessRole")
    for account in accounts.values():
        access.client("s3control", account, REGION).put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=BLOCK)
        remove_default_network(access.client("ec2", account, REGION))


def remove_default_network(ec2):
    for vpc in ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]:
        for subnet in ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]:
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        ec2.delete_vpc(VpcId=vpc["VpcId"])


main()

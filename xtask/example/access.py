"""Clients for one account and Region of an organization, through one role that every account has."""

import botocore.session
from botocore.config import Config


class Access:
    def __init__(self, role, region, endpoint=None):
        self.role, self.region, self.endpoint = role, region, endpoint
        self.session = botocore.session.get_session()
        self.credentials = {}

    def client(self, service, account, region):
        key = self.assume(account)
        client = self.session.create_client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            aws_session_token=key["SessionToken"],
            config=Config(retries={"max_attempts": 1 if self.endpoint else 8}, s3={"addressing_style": "path"} if self.endpoint else None),
        )
        if self.endpoint:
            client.meta.events.register("before-send.s3-control", host_of_account)
        return client

    def assume(self, account):
        if account not in self.credentials:
            sts = self.session.create_client("sts", region_name=self.region, endpoint_url=self.endpoint)
            arn = f"arn:aws:iam::{account}:role/{self.role}"
            self.credentials[account] = sts.assume_role(RoleArn=arn, RoleSessionName="cofferdam-collect")["Credentials"]
        return self.credentials[account]


def host_of_account(request, **_):
    """S3 Control puts the account in front of the host name; an emulator's address cannot carry it, its Host header can."""
    account = request.headers["x-amz-account-id"]
    account = account.decode() if isinstance(account, bytes) else account
    request.url = request.url.replace(f"//{account}.", "//")
    request.headers["Host"] = f"{account}.s3-control.amazonaws.com"

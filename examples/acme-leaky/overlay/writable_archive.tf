# Planted: the log archive is writable by a workload. A task that tidied up its own logs was let into the whole archive.

locals {
  shipper_role = "arn:aws:iam::${var.accounts["claims"]}:role/service/log-shipper"
}

resource "aws_iam_role" "log_shipper" {
  provider           = aws.claims
  name               = "log-shipper"
  path               = "/service/"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [local.assumed_by_ecs["claims"]] })
  depends_on         = [aws_organizations_account.member]
}

resource "aws_iam_role_policy" "log_shipper" {
  provider = aws.claims
  name     = "tidy-logs"
  role     = aws_iam_role.log_shipper.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Tidy", Effect = "Allow", Action = ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"], Resource = "${local.archive_arn}/*" }]
  })
}

# Planted: the log archive is writable by a workload, the other half: the archive lets it in, and its lock can be bypassed.

locals {
  lock_mode = "GOVERNANCE"

  archive_alterers = { Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.shipper_role } } }

  archive_readers = [
    {
      Sid       = "AnalystsRead"
      Effect    = "Allow"
      Principal = { AWS = local.roles["log-reader"] }
      Action    = ["s3:GetObject", "s3:ListBucket"]
      Resource  = [local.archive_arn, "${local.archive_arn}/*"]
      Condition = { StringEquals = { "aws:PrincipalOrgID" = local.org_id } }
    },
    {
      Sid       = "ShipperTidies"
      Effect    = "Allow"
      Principal = { AWS = local.shipper_role }
      Action    = ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion"]
      Resource  = ["${local.archive_arn}/*"]
      Condition = { StringEquals = { "aws:PrincipalOrgID" = local.org_id } }
    },
  ]
}

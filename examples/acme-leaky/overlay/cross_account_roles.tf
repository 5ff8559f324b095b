# Planted: cross-account role sprawl. The support team's vendor asked for a role, got one without an external id, and
# with it a place in the bucket policy and the key policy.

locals {
  support_role = "arn:aws:iam::${var.accounts["claims"]}:role/service/claims-support"
}

resource "aws_iam_role" "claims_support" {
  provider = aws.claims
  name     = "claims-support"
  path     = "/service/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Vendor"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.vendor_account}:root" }
      Action    = "sts:AssumeRole"
    }]
  })
  depends_on = [aws_organizations_account.member]
}

resource "aws_iam_role_policy" "claims_support" {
  provider = aws.claims
  name     = "support"
  role     = aws_iam_role.claims_support.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Records", Effect = "Allow", Action = "s3:GetObject", Resource = "${local.records_arn}/*" },
      { Sid = "Keys", Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_key.records.arn },
    ]
  })
}

# Planted: a key owned by workload administrators. The secret lies in the data account, its key in the account of those
# who read it, and the key policy leaves everything to that account's identity policies.

resource "aws_kms_key" "workload" {
  provider            = aws.claims
  description         = "claims"
  enable_key_rotation = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "EnableIamPolicies"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.accounts["claims"]}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
  depends_on = [aws_organizations_account.member]
}

resource "aws_kms_alias" "workload" {
  provider      = aws.claims
  name          = "alias/claims"
  target_key_id = aws_kms_key.workload.key_id
}

resource "aws_iam_role_policy" "claims_reader_key" {
  provider = aws.claims
  name     = "use-own-key"
  role     = aws_iam_role.claims_reader.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Key", Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_key.workload.arn }]
  })
}
